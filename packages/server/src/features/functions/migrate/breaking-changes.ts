import { canonical } from '@quarterdeck/sdk/digest'
import type { Manifest, ManifestTable } from '@quarterdeck/sdk/functions/manifest'

type Schema = Readonly<Record<string, unknown>>

/** What of an app's manifest says how stored documents look. */
export type TablesOfApp = Pick<Manifest, 'tables' | 'migrations'>

/** What explains a schema and asks nothing of a document; defaults are applied when it is read. */
const annotations: ReadonlySet<string> = new Set([
  '$schema',
  '$comment',
  'title',
  'description',
  'examples',
  'default',
])

/**
 * What code of before could not live with, in sentences: all but new tables, indexes and optional fields. Who may see a
 * field, and what a table permits when it is made, change no document.
 */
export function breakingChanges(before: TablesOfApp['tables'], after: TablesOfApp['tables']): string[] {
  const now = new Map(after.map((table) => [table.name, table]))
  return before.flatMap((table) => {
    const next = now.get(table.name)
    return next === undefined ? [`table ${table.name} is gone`] : tableChanges(table, next)
  })
}

/** Why an app may not follow the one of before: its breaking changes, if no new migration says that it breaks. */
export function refusedChanges(before: TablesOfApp, after: TablesOfApp): string[] {
  const known = new Set(before.migrations.map(({ id }) => id))
  const announced = after.migrations.some(({ id, breaking }) => breaking && !known.has(id))
  return announced ? [] : breakingChanges(before.tables, after.tables)
}

function tableChanges(before: ManifestTable, after: ManifestTable): string[] {
  const { name } = before
  const changes: string[] = []
  if (before.rows !== after.rows)
    changes.push(`rows of table ${name} were ${before.rows} and are ${after.rows}`)
  for (const [label, { on, unique }] of Object.entries(before.indexes)) {
    const kept = Object.values(after.indexes).find((index) => canonical(index.on) === canonical(on))
    if (kept === undefined) changes.push(`index ${label} of table ${name} is gone`)
    else if (kept.unique !== unique)
      changes.push(`index ${label} of table ${name} ${unique ? 'was' : 'is now'} unique`)
  }
  return [...changes, ...schemaChanges(before.schema, after.schema, name)]
}

function schemaChanges(before: Schema, after: Schema, path: string): string[] {
  const old = propertiesOf(before)
  const now = propertiesOf(after)
  const isObject = old !== null && now !== null
  const differs = canonical(without(before, isObject)) !== canonical(without(after, isObject))
  const changes = differs ? [`${path} has another type`] : []
  if (!isObject) return changes
  const [needed, needs] = [requiredOf(before), requiredOf(after)]
  for (const [key, schema] of Object.entries(old)) {
    const field = `${path}.${key}`
    const next = Object.hasOwn(now, key) ? now[key] : undefined
    if (next === undefined) {
      changes.push(`${field} is gone`)
      continue
    }
    if (needed.has(key) !== needs.has(key))
      changes.push(`${field} was ${needed.has(key) ? 'required' : 'optional'} and is not now`)
    changes.push(...schemaChanges(schema, next, field))
  }
  for (const key of Object.keys(now))
    if (!Object.hasOwn(old, key) && needs.has(key)) changes.push(`${path}.${key} is new and required`)
  return changes
}

/** The part of a schema that is compared as it stands. */
function without(schema: Schema, isObject: boolean): Schema {
  const asked = Object.entries(schema).filter(
    ([key]) => !annotations.has(key) && !(isObject && (key === 'properties' || key === 'required')),
  )
  return Object.fromEntries(asked)
}

function propertiesOf(schema: Schema): Readonly<Record<string, Schema>> | null {
  const { properties } = schema
  return isSchema(properties) && Object.values(properties).every(isSchema)
    ? (properties as Readonly<Record<string, Schema>>)
    : null
}

function requiredOf({ required }: Schema): ReadonlySet<unknown> {
  return new Set(Array.isArray(required) ? required : [])
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
