import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { createApp } from './app.ts'
import { commonHeaders } from './headers.ts'
import { type About, answerProbe, type Health } from './health.ts'
import type { createPages } from './static.ts'
import type { createStreams } from './stream.ts'

/** A listening server. */
export interface Served {
  readonly server: Server
  readonly host: string
  readonly port: number
  /** Stops taking connections, lets requests in flight end (25 s at most), then closes. */
  close(): Promise<void>
}

/** Puts probes, live feed, pages and API on one port. Rejects when the port is taken. */
export async function serveHttp(needs: {
  readonly app: ReturnType<typeof createApp>
  readonly streams: ReturnType<typeof createStreams>
  readonly pages: ReturnType<typeof createPages>
  readonly health: Health
  readonly about: About
  readonly openapi: string
  readonly now: () => number
  readonly host: string
  readonly port: number
  readonly drainMs?: number
}): Promise<Served> {
  const listener = getRequestListener((request, env) => needs.app.fetch(request, env))
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 60_000, maxHeaderSize: 16_384, keepAliveTimeout: 15_000 },
    (incoming, outgoing) => {
      const url = incoming.url ?? '/'
      const mark = url.indexOf('?')
      const path = mark < 0 ? url : url.slice(0, mark)
      const method = incoming.method ?? 'GET'
      if (url.length > 8_192) {
        outgoing.writeHead(414, commonHeaders).end()
        return
      }
      if (method === 'GET' || method === 'HEAD') {
        if (answerProbe(needs, path, outgoing)) return
        if (path === '/openapi.json') {
          outgoing.writeHead(200, { ...commonHeaders, 'content-type': 'application/json' }).end(needs.openapi)
          return
        }
        if (path === '/stream') {
          void needs.streams.serve(incoming, outgoing)
          return
        }
        if (path === '/' || path === '/console' || path.startsWith('/console/')) {
          needs.pages(method, path, outgoing).catch(() => outgoing.destroy())
          return
        }
      }
      void listener(incoming, outgoing)
    },
  )
  server.maxConnections = 4_096
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(needs.port, needs.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    server,
    host: needs.host,
    port,
    close() {
      return new Promise((resolve) => {
        const force = setTimeout(() => server.closeAllConnections(), needs.drainMs ?? 25_000)
        server.close(() => {
          clearTimeout(force)
          resolve()
        })
        needs.streams.drain()
        server.closeIdleConnections()
      })
    },
  }
}
