import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { App } from './app.ts'
import { holdConnections } from './connections.ts'
import type { EdgeSettings } from './edge-settings.ts'
import type { Health } from './health.ts'
import { answerParserErrors } from './parser-errors.ts'
import type { createStreams } from './stream.ts'

/** A listening server. */
export interface Served {
  readonly server: Server
  readonly host: string
  readonly port: number
  /**
   * Drains: says that it is not ready and serves everything for the drain delay, then listens no more and sends the
   * readers of streams away, then gives requests in flight 25 s. Resolves when no connection is left.
   */
  close(): Promise<void>
}

/** How long things may take, ms. */
export interface ServeTimes {
  /** Until the headers of a request are there. */
  readonly headers: number
  /** Until all of a request is there; the body's own time (`bodyTimeoutMs`) comes first. */
  readonly request: number
  /** What requests in flight have once nothing new comes. */
  readonly flight: number
}

const usual: ServeTimes = { headers: 10_000, request: 60_000, flight: 25_000 }
const perAddress = 256

/** Puts the app on a port. Rejects when the port is taken. */
export async function serveHttp(needs: {
  readonly app: App
  readonly streams: Pick<ReturnType<typeof createStreams>, 'drain'>
  readonly health: Pick<Health, 'drain'>
  readonly settings: EdgeSettings
  readonly randomId: () => string
  readonly host: string
  readonly port: number
  readonly times?: Partial<ServeTimes>
}): Promise<Served> {
  const { app, streams, health, settings } = needs
  const times = { ...usual, ...needs.times }
  const server = createServer(
    {
      headersTimeout: times.headers,
      requestTimeout: times.request,
      connectionsCheckingInterval: Math.min(1_000, times.headers / 2),
      maxHeaderSize: 16_384,
      keepAliveTimeout: 15_000,
      // What comes twice is seen to come twice, and a request without a host is refused in our own words.
      joinDuplicateHeaders: true,
      requireHostHeader: false,
    },
    app.handle,
  )
  // Whoever waits to be told to send its body is told when the body is wanted (input.ts).
  server.on('checkContinue', app.handle)
  server.on('checkExpectation', app.handle)
  answerParserErrors(server, needs.randomId)
  holdConnections(server, {
    all: settings.maxConnections,
    address: perAddress,
    trustedProxies: settings.trustedProxies,
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(needs.port, needs.host, resolve)
  })
  const { port } = server.address() as AddressInfo

  async function drain(): Promise<void> {
    health.drain()
    app.leave()
    await new Promise((resolve) => setTimeout(resolve, settings.drainDelayMs))
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    streams.drain()
    const force = setTimeout(() => server.closeAllConnections(), times.flight)
    await closed
    clearTimeout(force)
  }

  let draining: Promise<void> | null = null
  return {
    server,
    host: needs.host,
    port,
    close() {
      draining ??= drain()
      return draining
    },
  }
}
