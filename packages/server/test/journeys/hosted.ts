import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../engines/free-port.ts'
import { type Answered, type Env, quarterdeck, type Serving, serve } from '../program.ts'

/** An answer of a hosted server. */
export interface HostedAnswer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** A hosted server in a process of its own, called as its public origin would be. */
export interface Hosted {
  readonly server: Serving
  ask(path: string, body?: unknown): Promise<HostedAnswer>
  /** What of `/readyz` fails, by name. */
  failing(): Promise<Record<string, string>>
  /** Runs a command with the settings of the server. */
  command(args: readonly string[]): Promise<Answered>
  /** Files that the server made on its own disk. */
  files(): string[]
  end(): Promise<void>
}

const token = 'token-of-the-hosted-home-tenant-0001'
const secret = Array.from({ length: 32 }, (_, n) => (n * 7 + 3).toString(16).padStart(2, '0')).join('')

/** Settings of hosted mode on a database. */
export function hostedEnv(databaseUrl: string): Record<string, string> {
  return {
    CONSOLE_RUNTIME_MODE: 'hosted',
    CONSOLE_ENVIRONMENT: 'staging',
    CONSOLE_PUBLIC_ORIGIN: 'https://console.example.com',
    CONSOLE_TELEMETRY_STORAGE: 'postgres',
    CONSOLE_DATABASE_URL: databaseUrl,
    CONSOLE_SECRET: secret,
    CONSOLE_AUTH_TOKEN: token,
    CONSOLE_HOST: '127.0.0.1',
  }
}

/** Starts a hosted server; it listens whether or not it is ready. */
export async function openHosted(databaseUrl: string, more: Env = {}): Promise<Hosted> {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-hosted-'))
  const port = await freePort()
  const env = {
    ...hostedEnv(databaseUrl),
    CONSOLE_PORT: String(port),
    CONSOLE_DATA_DIR: join(folder, 'data'),
    ...more,
  }
  const server = await serve(env)

  function ask(path: string, body?: unknown): Promise<HostedAnswer> {
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers = {
      host: 'console.example.com',
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const method = body === undefined ? 'GET' : 'POST'
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
        let said = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          said += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(said) }))
        response.on('error', reject)
      })
      asked.on('error', reject)
      asked.end(text)
    })
  }

  return {
    server,
    ask,
    async failing() {
      const { body } = await ask('/readyz')
      const failing = body.failing as { name: string; code: string }[]
      return Object.fromEntries(failing.map(({ name, code }) => [name, code]))
    },
    command: (args) => quarterdeck(args, env),
    files: () => readdirSync(folder, { recursive: true }).map(String),
    async end() {
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
