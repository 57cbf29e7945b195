import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Arrival } from './arrival.ts'

/** What a request is answered with, beside the headers that its arrival has gathered. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Uint8Array | null
}

/** How long the rest of a refused body is taken and dropped, so that the refusal is read before the connection ends. */
const lingerMs = 1_000

/** An answer in JSON. */
export function json(status: number, value: unknown): Answer {
  return { status, headers: jsonType, body: JSON.stringify(value) }
}
const jsonType = { 'content-type': 'application/json' }

/** Sends an answer. `leaving`: the server is going down, and the client is asked to connect anew for its next request. */
export function send(
  { incoming, headers }: Pick<Arrival, 'incoming' | 'headers'>,
  outgoing: ServerResponse,
  answer: Answer,
  leaving: boolean,
): void {
  if (outgoing.destroyed || outgoing.headersSent) return
  const { status, body } = answer
  const unread = !incoming.complete && hasBody(incoming)
  if (leaving || unread) outgoing.shouldKeepAlive = false
  const all: Record<string, string | readonly string[]> = Object.assign(headers, answer.headers)
  if (body !== null) all['content-length'] = String(Buffer.byteLength(body))
  else if (status !== 204) all['content-length'] = '0'
  outgoing.writeHead(status, all as Record<string, string | string[]>)
  if (!unread) outgoing.end(body ?? undefined)
  else linger(incoming, outgoing, body)
}

/** Whether a request says that a body follows. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return (length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined
}

/** A connection that is closed on a client that still sends may take the answer with it. */
function linger(incoming: IncomingMessage, outgoing: ServerResponse, body: string | Uint8Array | null): void {
  if (body === null) outgoing.flushHeaders()
  else outgoing.write(body)
  const end = () => {
    clearTimeout(timer)
    if (!outgoing.writableEnded) outgoing.end()
  }
  const timer = setTimeout(end, lingerMs)
  incoming.once('end', end)
  incoming.once('close', end)
  incoming.resume()
}
