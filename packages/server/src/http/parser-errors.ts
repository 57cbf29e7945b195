import { type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Code, codes, fault, problemOf } from '@quarterdeck/sdk/errors'
import { commonHeaders } from './headers.ts'

/** What Node's parser and clock call what they refuse. */
const known: Readonly<Record<string, Code>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

/** Answers what never becomes a request, as everything else is answered: a problem with an id, and the end. */
export function answerParserErrors(server: Server, randomId: () => string): void {
  server.on('clientError', (error: Error & { code?: string; rawPacket?: Buffer }, socket: Duplex) => {
    // Once an answer has begun, another one in its midst would be taken for its body.
    if (error.code === 'ECONNRESET' || !socket.writable || hasBegun(socket)) {
      socket.destroy()
      return
    }
    socket.end(answerOf(codeOf(error), randomId()))
  })
}

function codeOf({ code = '', rawPacket }: { code?: string; rawPacket?: Buffer }): Code {
  // A URL alone can fill what all headers may take.
  if (code === 'HPE_HEADER_OVERFLOW' && rawPacket !== undefined && !rawPacket.subarray(0, 8_192).includes(10))
    return 'url_too_long'
  return known[code] ?? 'bad_request'
}

/** Whether the head of an answer has gone out on a connection whose request is not over. */
function hasBegun(socket: Duplex): boolean {
  const answer: unknown = Reflect.get(socket, '_httpMessage')
  return typeof answer === 'object' && answer !== null && Reflect.get(answer, 'headersSent') === true
}

function answerOf(code: Code, requestId: string): string {
  const [status] = codes[code]
  const body = JSON.stringify(problemOf(fault(code), requestId))
  const headers = {
    ...commonHeaders,
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}
