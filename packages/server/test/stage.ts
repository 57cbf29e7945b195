import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@quarterdeck/sdk/client'
import { type Running, start } from '../src/main.ts'

/** A server of a test: the whole product in this process, on a real socket, in a folder of its own. */
export interface Stage {
  readonly url: string
  readonly token: string
  readonly client: Client
  readonly running: Running
  readonly folder: string
  /** A client with another token. */
  as(token: string): Client
  /** Stops it and starts it anew on the same data, with other settings if given. */
  restart(env?: Record<string, string | undefined>): Promise<Stage>
  stop(): Promise<void>
}

const quiet = {
  CONSOLE_PORT: '0',
  CONSOLE_METRICS_ENABLED: 'false',
  CONSOLE_LOG_LEVEL: 'silent',
  CONSOLE_DRAIN_DELAY: '0',
}

/** Starts a server in local mode; settings given are laid over that. */
export async function openStage(env: Record<string, string | undefined> = {}, kept?: string): Promise<Stage> {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'quarterdeck-stage-'))
  const settings = {
    ...quiet,
    CONSOLE_DATA_DIR: join(folder, 'data'),
    CONSOLE_AUTH_TOKEN: 'stage-token-of-the-home-tenant-0001',
    ...env,
  }
  const running = await start(settings)
  const token = settings.CONSOLE_AUTH_TOKEN ?? ''
  const as = (other: string) => createClient({ url: running.url, token: other })
  return {
    url: running.url,
    token,
    client: as(token),
    running,
    folder,
    as,
    async restart(more = {}) {
      await running.stop()
      return openStage({ ...env, ...more }, folder)
    },
    async stop() {
      await running.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The storages that run without a service, as settings. */
export const localStorages: readonly [string, (folder: string) => Record<string, string>][] = [
  ['jsonl', () => ({ CONSOLE_TELEMETRY_STORAGE: 'local-jsonl' })],
  [
    'sqlite',
    (folder) => ({ CONSOLE_TELEMETRY_STORAGE: 'sqlite', CONSOLE_DATABASE_URL: join(folder, 'all.sqlite') }),
  ],
]

/** A console.event of the tests. */
export function event(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    schema: 'console.event',
    version: '0.1',
    id,
    type: 'process.started',
    occurredAt: '2026-11-20T09:14:03Z',
    producer: { id: 'runner', product: 'flow' },
    scope: { kind: 'repo', id: 'shop' },
    subject: { product: 'flow', kind: 'process', id: 'run-7' },
    payload: { summary: 'It began', after: { title: 'Run 7' } },
    ...more,
  }
}

/** A telemetry record of the tests. */
export function measurement(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    schema_version: '0.3.0',
    event_type: 'tool.result',
    session_id: 's-1',
    event_id: id,
    timestamp: Date.now(),
    ...more,
  }
}
