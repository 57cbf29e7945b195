import type { Scalar } from '../../ports/log.ts'
import { telemetryShape } from './shape.ts'

type Fields = Readonly<Record<string, unknown>>

/** Where a column's value is looked for, in this order: nested as producers send it, else under the column's own name. */
const sources: Readonly<Record<string, readonly string[]>> = {
  turn_id: ['hook.turn_id'],
  agent: ['agent.name'],
  model: ['hook.model'],
  runtime: ['agent.runtime'],
  project: ['context.project'],
  tool: ['tool.name'],
  outcome: ['tool.outcome'],
  duration_ms: ['tool.duration_ms'],
  cost_usd: ['usage.estimated_cost_usd'],
  input_tokens: ['usage.input_tokens'],
  output_tokens: ['usage.output_tokens'],
}

const columnOf = new Map(
  Object.entries(sources).flatMap(([column, paths]) => paths.map((path): [string, string] => [path, column])),
)

/** What the entry holds already, beside its attributes. */
const kept: ReadonlySet<string> = new Set(['event_id', 'tenant_id', 'timestamp'])

const mostAttributes = 200
const longestText = 1_024
const deepest = 16

/** The attribute of an entry that a dotted path of a record is asked for by. */
export function attributeOf(path: string): string {
  return columnOf.get(path) ?? path
}

/**
 * The attributes of a record: its columns, and every other scalar under its dotted path, 200 at most; texts over 1,024
 * characters are left out. To be taken from the record as it is stored, after redaction.
 */
export function telemetryAttributes(record: Fields): Record<string, Scalar> {
  const found = new Map<string, Scalar>()
  collect(record, '', 0, found)
  const attributes: Record<string, Scalar> = {}
  for (const [column, { type }] of Object.entries(telemetryShape.columns)) {
    const paths = [...(sources[column] ?? []), column]
    const values = paths.map((path) => found.get(path) ?? null)
    const value = values.find(
      (one) => one !== null && (type === 'text' ? typeof one === 'string' : isNumber(one, type)),
    )
    attributes[column] = value ?? null
    for (const path of paths) found.delete(path)
  }
  let room = mostAttributes
  for (const [path, value] of found) {
    if (room === 0) break
    attributes[path] = value
    room -= 1
  }
  return attributes
}

function collect(value: unknown, path: string, depth: number, found: Map<string, Scalar>): void {
  if (typeof value === 'object' && value !== null) {
    if (depth >= deepest) return
    for (const [key, member] of Object.entries(value)) {
      const name = path === '' ? key : `${path}.${key}`
      if (depth > 0 || !kept.has(key)) collect(member, name, depth + 1, found)
    }
    return
  }
  if (found.has(path) || path.length > longestText) return
  if (typeof value === 'string' ? value.length <= longestText : isPlain(value))
    found.set(path, value as Scalar)
}

function isPlain(value: unknown): boolean {
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
}

function isNumber(value: Scalar, type: 'integer' | 'real'): boolean {
  return type === 'integer' ? Number.isSafeInteger(value) : typeof value === 'number'
}
