import { readFileSync, statSync } from 'node:fs'
import type { StartProblem } from '../config/problem.ts'
import { type Config, inspectConfig, resolveConfig } from '../config/resolve.ts'
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
export function inspect(): { config: Config; problems: readonly StartProblem[] } {
  return inspectConfig(needs(process.env))
}
