import { Fault } from '../errors.ts'
import type { Operation, OutputOf } from '../operation.ts'
import { faultOf } from './fault-of.ts'
import { requestOf } from './request-of.ts'

/** What a client was made with. */
export interface Connection {
  /** The origin, with or without a trailing slash; empty in a browser: the page's own. */
  readonly url: string
  /** A token, or where to find the newest one. Absent: the cookie of the page. */
  readonly token?: string | (() => string | undefined)
  readonly fetch: typeof fetch
  readonly now: () => number
}

export interface CallOptions {
  readonly signal?: AbortSignal
  /** Makes a repeated write have one effect and one answer. */
  readonly idempotencyKey?: string
  /** What `POST /identity/proofs` gave for exactly this call. */
  readonly proof?: string
  /** For a body that is text or bytes already, for instance `application/x-ndjson`. */
  readonly contentType?: string
}

/** Performs one operation over HTTP. A refusal, an unreadable answer and an unreachable server are all a `Fault`. */
export async function call<O extends Operation>(
  connection: Connection,
  operation: O,
  input: unknown,
  options: CallOptions = {},
): Promise<OutputOf<O>> {
  const said = requestOf(operation, input, options.contentType)
  const headers = headersOf(connection)
  headers.set('accept', 'application/json, application/problem+json')
  if (said.contentType !== undefined) headers.set('content-type', said.contentType)
  if (options.idempotencyKey !== undefined) headers.set('idempotency-key', options.idempotencyKey)
  if (options.proof !== undefined) headers.set('x-console-proof', options.proof)
  const response = await reach(connection, said.path, {
    method: said.method,
    headers,
    ...(said.body === undefined ? {} : { body: said.body }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  if (!response.ok) throw await faultOf(response, connection.now())
  // The server holds its answers against the same contract; parsing them again would cost large answers twice.
  return (await outputOf(response)) as OutputOf<O>
}

/** Fetches a path of the server. Being unreachable is a fault; being aborted stays the abort it was. */
export async function reach(connection: Connection, path: string, init: RequestInit): Promise<Response> {
  try {
    const url = connection.url.replace(/\/+$/, '') + path
    return await connection.fetch(url, { credentials: 'same-origin', ...init })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new Fault('dependency_unavailable', 'The server could not be reached', {
      cause,
      members: { unreachable: true },
    })
  }
}

/** The headers every request of this connection carries. */
export function headersOf(connection: Connection): Headers {
  const token = typeof connection.token === 'function' ? connection.token() : connection.token
  return new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` })
}

async function outputOf(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined
  const text = await response.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault('internal', 'The answer is not JSON', { cause, members: { httpStatus: response.status } })
  }
}
