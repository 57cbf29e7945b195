import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { decodeRequest } from '../src/features/telemetry/otlp/schema.ts'

const Attributes = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
  .transform((all) => Object.fromEntries(all.map(({ key, value }) => [key, Object.values(value)[0]])))
const Request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              name: z.string(),
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().default(''),
              kind: z.number(),
              attributes: Attributes,
              events: z.array(z.unknown()).default([]),
              status: z.object({ code: z.number().default(0), message: z.string().default('') }).optional(),
            }),
          ),
        }),
      ),
    }),
  ),
})

/** A span as it arrived, with the attributes of the process that sent it. */
export type Received = z.output<
  typeof Request
>['resourceSpans'][number]['scopeSpans'][number]['spans'][number] & {
  readonly resource: Readonly<Record<string, unknown>>
}

/** A collector of a test: takes OTLP over HTTP and keeps what came. */
export interface SpanReceiver {
  readonly url: string
  readonly spans: Received[]
  /** Path and headers of each export. */
  readonly calls: { readonly path: string; readonly headers: IncomingHttpHeaders }[]
  /** What it answers from now on. */
  answer(status: number): void
  stop(): Promise<void>
}

/** Starts a receiver on a free loopback port. */
export async function receiveSpans(): Promise<SpanReceiver> {
  const spans: Received[] = []
  const calls: SpanReceiver['calls'] = []
  let status = 200
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      calls.push({ path: incoming.url ?? '', headers: incoming.headers })
      const sent = Buffer.concat(chunks)
      const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
      if (status === 200) {
        const { resourceSpans } = Request.parse(decodeRequest('traces', body, 'protobuf'))
        for (const { resource, scopeSpans } of resourceSpans)
          for (const scope of scopeSpans)
            for (const span of scope.spans) spans.push({ ...span, resource: resource.attributes })
      }
      outgoing.writeHead(status, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    calls,
    answer(next) {
      status = next
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
