import { isObject } from '../../parts/fields.ts'
import { hiddenFields, isHidden } from './hidden-fields.ts'
import type { TableItem } from './tables-query.ts'

/** What the values of a field are, as far as conditions on it can be typed. */
export type FieldType = 'text' | 'number' | 'boolean' | 'any'

/** A field that conditions can be put on: its path, and the values that it takes where those are few. */
export interface TableField {
  readonly path: string
  readonly type: FieldType
  readonly options?: readonly string[]
}

type Schema = Readonly<Record<string, unknown>>

/** The fields of a table's documents, in the order of its schema. */
export function columnsOf({ schema }: Pick<TableItem, 'schema'>): string[] {
  return isObject(schema.properties) ? Object.keys(schema.properties) : []
}

/** Every field that holds one value and that operators may see, those in objects too. */
export function fieldsOf(table: Pick<TableItem, 'schema' | 'masks'>): TableField[] {
  const hidden = hiddenFields(table)
  return within(table.schema, [], 0).filter(({ path }) => !isHidden(hidden, path))
}

function within(schema: Schema, path: readonly string[], depth: number): TableField[] {
  if (depth > 4 || !isObject(schema.properties)) return []
  return Object.entries(schema.properties).flatMap(([name, given]) => {
    const field = isObject(given) ? given : {}
    const here = [...path, name]
    if (isObject(field.properties)) return within(field, here, depth + 1)
    return field.type === 'array' || field.type === 'object' ? [] : [single(field, here.join('.'))]
  })
}

function single(schema: Schema, path: string): TableField {
  const options = Array.isArray(schema.enum) ? schema.enum : []
  if (options.length > 0 && options.every((each) => typeof each === 'string')) {
    return { path, type: 'text', options }
  }
  const types = { string: 'text', number: 'number', integer: 'number', boolean: 'boolean' } as const
  const type = typeof schema.type === 'string' && Object.hasOwn(types, schema.type) ? schema.type : undefined
  return { path, type: type === undefined ? 'any' : types[type as keyof typeof types] }
}
