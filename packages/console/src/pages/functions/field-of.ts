import { type JsonSchema, propertiesOf, resolved } from './json-schema.ts'
import { sampleOf } from './sample-of.ts'

/** Values that are typed as one text. */
export type TypedKind = 'text' | 'number' | 'integer' | 'date' | 'instant'

/** What a value is typed into, as its schema says. */
export type Field = About &
  (
    | { readonly kind: TypedKind }
    | { readonly kind: 'boolean' }
    | { readonly kind: 'choice'; readonly options: readonly unknown[] }
    | { readonly kind: 'fields'; readonly fields: readonly NamedField[] }
    /** Anything else is written as JSON; `sample` shows what it may look like. */
    | { readonly kind: 'json'; readonly sample: string }
  )

interface About {
  readonly description?: string
  /** What counts where nothing is given, as JSON. */
  readonly fallback?: string
}

export interface NamedField {
  readonly name: string
  readonly required: boolean
  readonly field: Field
}

/** Objects deeper than this are written as JSON. */
const deepest = 2

/** The field for values of a schema; `root` is where its references lead. */
export function fieldOf(schema: JsonSchema, root: JsonSchema = schema, depth = 0): Field {
  const given = resolved(schema, root)
  const about = {
    ...(typeof given.description === 'string' ? { description: given.description } : {}),
    ...(Object.hasOwn(given, 'default') ? { fallback: JSON.stringify(given.default) } : {}),
  }
  return { ...about, ...bare(given, root, depth) }
}

function bare(schema: JsonSchema, root: JsonSchema, depth: number): Field {
  if (Object.hasOwn(schema, 'const')) return { kind: 'choice', options: [schema.const] }
  if (Array.isArray(schema.enum)) return { kind: 'choice', options: schema.enum }
  switch (schema.type) {
    case 'string':
      if (schema.format === 'date-time') return { kind: 'instant' }
      return { kind: schema.format === 'date' ? 'date' : 'text' }
    case 'number':
    case 'integer':
    case 'boolean':
      return { kind: schema.type }
    case 'object': {
      const properties = propertiesOf(schema)
      if (properties.length === 0 || depth >= deepest) break
      return {
        kind: 'fields',
        fields: properties.map(({ name, required, schema: inner }) => ({
          name,
          required,
          field: fieldOf(inner, root, depth + 1),
        })),
      }
    }
  }
  return { kind: 'json', sample: JSON.stringify(sampleOf(schema, root)) }
}
