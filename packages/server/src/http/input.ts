import type { IncomingMessage, ServerResponse } from 'node:http'
import { fault } from '@quarterdeck/sdk/errors'
import type { Operation } from '@quarterdeck/sdk/operation'
import { checkJson } from '../core/check-json.ts'
import { hasBody } from './answer.ts'
import { type BodyLimits, checkLength, mediaType, parseBody, readBytes } from './body.ts'
import type { Params } from './route.ts'

/** The parts of a request that an operation's input is made of. */
export interface Parts {
  readonly params: Params
  /** What stands behind the `?`. */
  readonly query: string
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly limits: BodyLimits
  /** A query field that carries a credential, and is no part of the input. */
  readonly keyField: string | null
}

/** The input of an operation as the request brings it, not parsed by its schema yet. */
export async function readInput(operation: Operation, parts: Parts): Promise<unknown> {
  const { incoming, outgoing, limits } = parts
  const bodiless = operation.route.startsWith('GET ') || operation.route.startsWith('DELETE ')
  if (bodiless) return checked({ ...fieldsOf(parts.query, parts.keyField), ...decoded(parts.params) })
  if (operation.source === 'fields' && !hasBody(incoming)) return checked(decoded(parts.params))
  if (operation.source === 'arguments' && !hasBody(incoming))
    return checked({ ...decoded(parts.params), args: [] })
  checkLength(incoming, limits.max)
  const type = mediaType(incoming.headers['content-type'])
  if (!operation.accepts.includes(type))
    throw fault('unsupported_media_type', `Send ${operation.accepts.join(' or ')}`)
  // Whoever asks first whether to send is told so now, and not before.
  if (/^100-continue$/i.test(incoming.headers.expect ?? '')) outgoing.writeContinue()
  const bytes = await readBytes(incoming, limits)
  if (operation.source === 'bytes') return { bytes, type }
  if (operation.source === 'arguments' && bytes.length === 0)
    return checked({ ...decoded(parts.params), args: [] })
  const body = parseBody(bytes, type)
  if (operation.source === 'arguments')
    return checked({ ...decoded(parts.params), args: Array.isArray(body) ? body : [body] })
  // Records of a batch are held against the same rules one by one, so that a bad one leaves the others (core/ingest).
  if (operation.source === 'body') return operation.limit === 'ingest' ? body : checked(body)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw fault('invalid', undefined, { issues: [{ path: [], message: 'needs an object' }] })
  }
  return checked({ ...body, ...decoded(parts.params) })
}

/** What no input may hold, whatever its schema: see `checkJson`. */
function checked(input: unknown): unknown {
  const issue = checkJson(input)
  if (issue !== null) throw fault('invalid', undefined, { issues: [issue] })
  return input
}

function decoded(params: Params): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(params)) {
    try {
      plain[name] = value.includes('%') ? decodeURIComponent(value) : value
    } catch {
      throw fault('invalid', undefined, { issues: [{ path: [name], message: 'is not encoded as URLs are' }] })
    }
  }
  return plain
}

/** Query fields; a name that comes more than once is a list. */
function fieldsOf(query: string, keyField: string | null): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  if (query === '') return fields
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === '__proto__' || name === keyField) continue
    const known = fields[name]
    fields[name] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value]
  }
  return fields
}
