import type { Answer } from './answer.ts'
import type { Arrival } from './arrival.ts'
import type { EdgeSettings } from './edge-settings.ts'

/** Whether a request is a browser's question before the request that it means. */
export function isPreflight({ method, incoming }: Arrival): boolean {
  return (
    method === 'OPTIONS' &&
    incoming.headers.origin !== undefined &&
    incoming.headers['access-control-request-method'] !== undefined
  )
}

/** Makes the answer to preflights, whose origin was found to be allowed: methods, headers, and for how long. */
export function createPreflight(
  settings: Pick<EdgeSettings, 'cors' | 'apiKeyHeader'>,
): (methods: readonly string[]) => Answer {
  const { cors, apiKeyHeader } = settings
  const read = ['authorization', 'content-type', 'idempotency-key', 'last-event-id']
  const traced = ['traceparent', 'tracestate', 'x-console-proof', 'x-request-id']
  const calls = ['x-session-id', 'x-deadline-ms']
  const headers = cors.headers ?? [...new Set([...read, ...traced, ...calls, apiKeyHeader.toLowerCase()])]
  return (methods) => ({
    status: 204,
    headers: {
      'access-control-allow-methods': (cors.methods ?? methods).join(', '),
      'access-control-allow-headers': headers.join(', '),
      'access-control-max-age': String(cors.maxAgeSeconds),
    },
    body: null,
  })
}
