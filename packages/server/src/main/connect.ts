import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, createClient } from '@quarterdeck/sdk/client'

export interface ConnectOptions {
  readonly url?: string
  readonly tokenFile?: string
}

/** A client of the server that the command line means: by option, by QUARTERDECK_URL and _TOKEN, or the local one. */
export function connect(
  options: ConnectOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Client {
  const url = options.url ?? env.QUARTERDECK_URL ?? `http://127.0.0.1:${env.CONSOLE_PORT ?? 3000}`
  const token = tokenOf(options, env)
  return createClient({ url, ...(token === undefined ? {} : { token }) })
}

function tokenOf(
  options: ConnectOptions,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (options.tokenFile !== undefined) return readFileSync(options.tokenFile, 'utf8').trim()
  if (env.QUARTERDECK_TOKEN !== undefined) return env.QUARTERDECK_TOKEN
  if (env.CONSOLE_AUTH_TOKEN !== undefined) return env.CONSOLE_AUTH_TOKEN
  try {
    return readFileSync(join(env.CONSOLE_DATA_DIR ?? '.quarterdeck', 'token'), 'utf8').trim()
  } catch {
    return undefined
  }
}
