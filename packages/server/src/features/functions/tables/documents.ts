import { fault } from '@quarterdeck/sdk/errors'
import type { TableDefinition } from '@quarterdeck/sdk/functions/table'
import type { Json, Row } from '../../../ports/tables.ts'
import { type Parsed, type Parser, parserOf } from '../calls/parser.ts'
import { toJson } from '../calls/to-json.ts'
import { withoutFields } from '../rights/field-masks.ts'

export type Doc = Readonly<Record<string, unknown>>

/** A document as it is read. */
export type Seen = { readonly id: string } & Record<string, unknown>

const parsers = new WeakMap<TableDefinition, Parser>()

function parserOfTable(table: TableDefinition): Parser {
  let parser = parsers.get(table)
  if (parser === undefined) {
    parser = parserOf(table.schema)
    parsers.set(table, parser)
  }
  return parser
}

/** A document as its schema lets it in, as JSON: with defaults, without what the schema drops. Throws `document_invalid`. */
export async function documentOf(table: TableDefinition, given: Doc): Promise<Json> {
  const parse = parserOfTable(table)
  const parsed = await parse(given)
  if (!('value' in parsed)) throw fault('document_invalid', undefined, { issues: parsed.issues })
  const json = jsonOf(parsed.value)
  // What was no JSON has to come back as it was.
  if (json !== parsed.value && !('value' in (await parse(json)))) throw notJson()
  return json as Json
}

function jsonOf(value: unknown): unknown {
  try {
    return toJson(value)
  } catch {
    throw notJson()
  }
}

const notJson = () =>
  fault('document_invalid', undefined, { issues: [{ path: [], message: 'cannot be kept as JSON' }] })

/** A row as whoever reads it sees it; a promise only where the schema waits. Throws `document_shape`. */
export function rowShown(table: TableDefinition, row: Row, hidden: readonly string[]): Seen | Promise<Seen> {
  const parsed = parserOfTable(table)(row.data)
  return parsed instanceof Promise
    ? parsed.then((one) => shown(table, row, one, hidden))
    : shown(table, row, parsed, hidden)
}

function shown(table: TableDefinition, row: Row, parsed: Parsed, hidden: readonly string[]): Seen {
  if (!('value' in parsed))
    throw fault('document_shape', `A document of ${table.name} is not what its schema of today reads`)
  const doc = parsed.value as Doc
  const visible = hidden.length === 0 ? doc : withoutFields(doc, hidden)
  // Rows made by hand may hold an `id` of their own.
  return 'id' in visible ? { ...visible, id: row.id } : { id: row.id, ...visible }
}

/** What was given without its `id`, which is no part of a document. */
export function withoutId(given: unknown): Doc {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw fault('document_invalid', undefined, { issues: [{ path: [], message: 'needs an object' }] })
  if (!Object.hasOwn(given, 'id')) return given as Doc
  const { id: _, ...doc } = given as Record<string, unknown>
  return doc
}
