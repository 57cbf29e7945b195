import type { IncomingMessage } from 'node:http'
import { fault } from '@quarterdeck/sdk/errors'
import type { Operation } from '@quarterdeck/sdk/operation'
import { mediaType, parseBody, readBytes } from './body.ts'

/** The parts of a request that an operation's input is made of. */
export interface Parts {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly incoming: IncomingMessage
}

/** The input of an operation as the request brings it, not parsed by its schema yet. */
export async function readInput(operation: Operation, parts: Parts): Promise<unknown> {
  const { incoming } = parts
  const hasBody = operation.effect !== 'read' && !operation.route.startsWith('DELETE')
  if (!hasBody) return { ...fieldsOf(parts.query), ...parts.params }
  const type = mediaType(incoming.headers['content-type'])
  const empty =
    incoming.headers['content-length'] === '0' ||
    (incoming.headers['content-length'] === undefined && incoming.headers['transfer-encoding'] === undefined)
  if (empty && operation.source === 'fields') return { ...parts.params }
  if (!operation.accepts.includes(type))
    throw fault('unsupported_media_type', `Send ${operation.accepts.join(' or ')}`)
  const bytes = await readBytes(incoming, operation.maxBody)
  if (operation.source === 'bytes') return { bytes, type }
  const body = parseBody(bytes, type)
  if (operation.source === 'body') return body
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw fault('invalid', undefined, { issues: [{ path: [], message: 'needs an object' }] })
  }
  return { ...body, ...parts.params }
}

/** Query fields; a name that comes more than once is a list. */
function fieldsOf(query: URLSearchParams): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  for (const [name, value] of query) {
    const known = fields[name]
    if (name === '__proto__') continue
    fields[name] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value]
  }
  return fields
}
