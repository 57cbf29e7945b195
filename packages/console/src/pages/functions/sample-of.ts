import { choicesOf, type JsonSchema, propertiesOf, resolved } from './json-schema.ts'

const byFormat: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  date: '2026-01-31',
  time: '12:00:00',
  email: 'mia@shop.example',
  uri: 'https://shop.example/',
  uuid: '0198c2d0-0000-7000-8000-000000000000',
}

/** A value that a JSON Schema is likely to take: what it names itself, else something short of its type. */
export function sampleOf(schema: JsonSchema, root: JsonSchema = schema, depth = 0): unknown {
  if (depth > 6) return null
  const inner = (each: JsonSchema) => sampleOf(each, root, depth + 1)
  if (typeof schema.$ref === 'string') return inner(resolved(schema, root))
  for (const keyword of ['default', 'const']) if (Object.hasOwn(schema, keyword)) return schema[keyword]
  for (const keyword of ['examples', 'enum']) {
    const given = schema[keyword]
    if (Array.isArray(given) && given.length > 0) return given[0]
  }
  const [choice] = [...choicesOf(schema, 'anyOf'), ...choicesOf(schema, 'oneOf')]
  if (choice !== undefined) return inner(choice)
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'string':
      return textOf(schema)
    case 'number':
    case 'integer':
      return numberOf(schema)
    case 'boolean':
      return true
    case 'array':
      return Array.from({ length: Number(schema.minItems ?? 0) }, () =>
        inner((schema.items ?? {}) as JsonSchema),
      )
    case 'object':
      return Object.fromEntries(
        propertiesOf(schema)
          .filter(({ required }) => required)
          .map(({ name, schema: field }) => [name, inner(field)]),
      )
    default:
      return null
  }
}

function textOf({ format, minLength, maxLength }: JsonSchema): string {
  const known = byFormat[String(format)]
  if (known !== undefined) return known
  const least = typeof minLength === 'number' ? minLength : 0
  const most = typeof maxLength === 'number' ? maxLength : Number.POSITIVE_INFINITY
  return 'something'.padEnd(Math.min(least, 1_000), '.').slice(0, most)
}

function numberOf({ minimum, exclusiveMinimum, maximum }: JsonSchema): number {
  const least = typeof minimum === 'number' ? minimum : Number.NEGATIVE_INFINITY
  const above = typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : Number.NEGATIVE_INFINITY
  const most = typeof maximum === 'number' ? maximum : Number.POSITIVE_INFINITY
  return Math.min(Math.max(1, least, above), most)
}
