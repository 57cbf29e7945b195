import { fault } from '../errors.ts'
import type { Operation } from '../operation.ts'

/** What of a call goes on the wire. `path` begins with `/` and carries its query. */
export interface Said {
  readonly method: string
  readonly path: string
  readonly contentType?: string
  readonly body?: string | Uint8Array<ArrayBuffer>
}

/** The request that an operation's route makes of an input. Text of a named type and bytes are sent as they are. */
export function requestOf(operation: Operation, input: unknown, contentType?: string): Said {
  const [method = 'GET', pattern = '/'] = operation.route.split(' ')
  if (operation.source === 'arguments') {
    const { args, ...named } = input as { readonly args: unknown }
    const path = pattern.replace(/:(\w+)/g, (_, name: string) =>
      segment(name, named[name as keyof typeof named]),
    )
    return { method, path, contentType: 'application/json', body: JSON.stringify(args) }
  }
  if (operation.source !== 'fields') {
    return { method, path: pattern, ...bodyOf(operation, input, contentType) }
  }
  const fields = new Map<string, unknown>(isObject(input) ? Object.entries(input) : [])
  const path = pattern.replace(/:(\w+)/g, (_, name: string) => {
    const value = fields.get(name)
    fields.delete(name)
    return segment(name, value)
  })
  if (method === 'GET' || method === 'DELETE') return { method, path: path + queryOf(fields) }
  const body = JSON.stringify(Object.fromEntries(fields))
  return { method, path, contentType: 'application/json', body }
}

function bodyOf(operation: Operation, input: unknown, contentType: string | undefined) {
  if (operation.source === 'bytes') {
    const { type, bytes } = input as { type: string; bytes: Uint8Array }
    // A view on shared memory cannot be sent by fetch; a copy can.
    const own =
      bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)
    return { contentType: type, body: own }
  }
  if (typeof input === 'string' && contentType !== undefined) return { contentType, body: input }
  return { contentType: contentType ?? 'application/json', body: JSON.stringify(input) }
}

/** RFC 3986 §5.2.4 removes `.` and `..` however they are written, so neither can be an id in a path. */
function segment(name: string, value: unknown): string {
  const text = value === undefined || value === null ? '' : String(value)
  if (text === '' || text === '.' || text === '..') {
    throw fault('invalid', `'${text}' cannot stand in a path`, {
      issues: [{ path: [name], message: 'cannot stand in a path' }],
    })
  }
  return encodeURIComponent(text)
}

function queryOf(fields: ReadonlyMap<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [name, value] of fields) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== null) query.append(name, String(item))
    }
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
