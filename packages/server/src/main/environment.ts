import { readFileSync, statSync } from 'node:fs'
import { liveSecrets } from '../config/live-secrets.ts'
import type { StartProblem } from '../config/problem.ts'
import { type Config, inspectConfig, resolveConfig } from '../config/resolve.ts'
import { createRedactor, type Redactor } from '../core/redact.ts'
import { version } from './version.ts'

const needs = (env: Readonly<Record<string, string | undefined>>) => ({
  env,
  version,
  readFile: (path: string) => readFileSync(path, 'utf8'),
  isFolder: (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
})

/** The configuration of this process's environment. Throws `StartRefused` with every problem. */
export function configure(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  return resolveConfig(needs(env))
}

/** The configuration as far as it can be read, and its problems. */
export function inspect(env: Readonly<Record<string, string | undefined>> = process.env): {
  config: Config
  problems: readonly StartProblem[]
} {
  return inspectConfig(needs(env))
}

/** The redactor of a configuration: it knows every secret value of it, and those that were made at start. */
export function redactorOf(config: Config, made: readonly string[] = []): Redactor {
  const secrets = [...liveSecrets(config), ...made]
  return createRedactor({ secrets: () => secrets, keys: config.redactKeys })
}

/** A text of a command without the secrets of this process's settings, and without what looks like one. */
export function withoutSecrets(text: string): string {
  return redactorOf(inspect().config).text(text)
}
