import { choicesOf, type JsonSchema, propertiesOf, resolved } from './json-schema.ts'

/** Deeper than this a schema is not written out. */
const deepest = 5

/** A JSON Schema as people read types: `{ title: string, state?: "open" | "done" }`. */
export function describeSchema(schema: JsonSchema, root: JsonSchema = schema, depth = 0): string {
  if (depth > deepest) return '…'
  const inner = (each: JsonSchema) => describeSchema(each, root, depth + 1)
  if (typeof schema.$ref === 'string') return inner(resolved(schema, root))
  if (Object.hasOwn(schema, 'const')) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.map((each) => JSON.stringify(each)).join(' | ')
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const choices = choicesOf(schema, keyword)
    if (choices.length > 0) return unique(choices.map(inner)).join(' | ')
  }
  const all = choicesOf(schema, 'allOf')
  if (all.length > 0) return unique(all.map(inner)).join(' & ')
  if (Array.isArray(schema.type)) {
    return unique(schema.type.map((type) => inner({ ...schema, type }))).join(' | ')
  }
  if (schema.type === 'array') return listOf(schema, inner)
  if (schema.type === 'object') return objectOf(schema, inner)
  if (typeof schema.type !== 'string') return 'anything'
  return typeof schema.format === 'string' ? `${schema.type} (${schema.format})` : schema.type
}

function listOf(schema: JsonSchema, inner: (each: JsonSchema) => string): string {
  const places = Array.isArray(schema.prefixItems) ? (schema.prefixItems as JsonSchema[]) : []
  if (places.length > 0) return `[${places.map(inner).join(', ')}]`
  const item = typeof schema.items === 'object' && schema.items !== null ? (schema.items as JsonSchema) : {}
  const said = inner(item)
  return / [|&] /.test(said) ? `(${said})[]` : `${said}[]`
}

function objectOf(schema: JsonSchema, inner: (each: JsonSchema) => string): string {
  const fields = propertiesOf(schema).map(
    ({ name, schema: field, required }) => `${name}${required ? '' : '?'}: ${inner(field)}`,
  )
  const more = schema.additionalProperties
  if (typeof more === 'object' && more !== null) fields.push(`[key]: ${inner(more as JsonSchema)}`)
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}

function unique(said: readonly string[]): string[] {
  return [...new Set(said)]
}
