import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, createClient } from '@quarterdeck/sdk/client'
import { Fault, fault } from '@quarterdeck/sdk/errors'
import { type LoginStore, openLogins } from './login-store.ts'

export interface ConnectOptions {
  readonly url?: string
  readonly tokenFile?: string
}

type Env = Readonly<Record<string, string | undefined>>

/** A token is renewed this long before it ends, ms: a request may take a while. */
const earlyMs = 30_000

/** The server that the command line means: by option, by QUARTERDECK_URL, or the local one. */
export function serverOf(options: ConnectOptions, env: Env = process.env): string {
  const url = options.url ?? env.QUARTERDECK_URL ?? `http://127.0.0.1:${env.CONSOLE_PORT || 3000}`
  if (!URL.canParse(url)) throw fault('invalid', 'The server needs to be a URL')
  return new URL(url).origin
}

/**
 * A client of the server that the command line means. It comes with the token of the option or of QUARTERDECK_TOKEN,
 * else as whoever is logged in there, else with the token of the settings or of the local data folder.
 */
export function connect(options: ConnectOptions, env: Env = process.env): Client {
  const url = serverOf(options, env)
  const given =
    options.tokenFile === undefined ? env.QUARTERDECK_TOKEN : readFileSync(options.tokenFile, 'utf8').trim()
  if (given !== undefined) return createClient({ url, token: given })
  const logins = openLogins(env)
  if (logins.read(url) !== null) return createClient({ url, fetch: loggedIn(url, logins) })
  const token = env.CONSOLE_AUTH_TOKEN || localToken(env)
  return createClient({ url, ...(token === undefined ? {} : { token }) })
}

function localToken(env: Env): string | undefined {
  try {
    return readFileSync(join(env.CONSOLE_DATA_DIR || '.quarterdeck', 'token'), 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Sends requests as whoever is logged in at a server, and renews the token before it ends. */
export function loggedIn(url: string, logins: LoginStore, now = Date.now): typeof fetch {
  const isFresh = (expiresAt: string) => Date.parse(expiresAt) - earlyMs > now()

  async function accessToken(): Promise<string> {
    const kept = logins.read(url)
    if (kept !== null && isFresh(kept.expiresAt)) return kept.accessToken
    return logins.alone(async () => {
      const pair = logins.read(url)
      if (pair !== null && isFresh(pair.expiresAt)) return pair.accessToken
      if (pair?.refreshToken === undefined) throw ended()
      try {
        const renewed = await createClient({ url }).identity.refresh({ refreshToken: pair.refreshToken })
        logins.write(url, renewed)
        return renewed.accessToken
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'refresh_invalid') throw error
        logins.write(url, null)
        throw ended()
      }
    })
  }

  return async (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${await accessToken()}`)
    return fetch(input, { ...init, headers })
  }
}

const ended = () => fault('unauthenticated', 'The login has ended; run: quarterdeck login')
