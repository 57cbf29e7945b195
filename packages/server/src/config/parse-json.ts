import type { z } from 'zod'

/** A JSON text by its schema. What is wrong is told by its place alone: the text may hold a secret. */
export function parseJson<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
): { readonly value: z.output<Schema> } | { readonly wrong: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { wrong: 'is not JSON' }
  }
  const result = schema.safeParse(json)
  if (result.success) return { value: result.data }
  // A key that nobody knows could be a secret in the wrong place, and is not said back.
  const at = result.error.issues[0]?.path.filter(
    (part) => typeof part === 'number' || /^\w{1,40}$/.test(String(part)),
  )
  return { wrong: `has a wrong shape at ${at?.join('.') || 'its top'}` }
}
