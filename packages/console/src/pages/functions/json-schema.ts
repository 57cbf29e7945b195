import { isObject } from '../../parts/fields.ts'

/** A JSON Schema as it came: each keyword is looked at before it is believed. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** The schema that a `$ref` within `root` leads to; the schema itself where there is none, `{}` where it leads nowhere. */
export function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (typeof schema.$ref !== 'string') return schema
  const [, ...path] = schema.$ref.split('/')
  let found: unknown = root
  for (const key of path) {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~')
    found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined
  }
  return isObject(found) ? found : {}
}

/** The properties of an object's schema with whether each must be there. */
export function propertiesOf(schema: JsonSchema): { name: string; schema: JsonSchema; required: boolean }[] {
  const { properties, required } = schema
  if (!isObject(properties)) return []
  const must = new Set(Array.isArray(required) ? required : [])
  return Object.entries(properties).map(([name, given]) => ({
    name,
    schema: isObject(given) ? given : {},
    required: must.has(name),
  }))
}

/** The schemas of which a value meets one, or all. */
export function choicesOf(schema: JsonSchema, keyword: 'anyOf' | 'oneOf' | 'allOf'): JsonSchema[] {
  const given = schema[keyword]
  return Array.isArray(given) ? given.filter(isObject) : []
}
