import { z } from 'zod'

/** A schema as JSON Schema (draft 2020-12) of what is sent, or why it has none. */
export type Drawn = { schema: Record<string, unknown> } | { wrong: string }

/** Draws a schema; bigint travels as a decimal string, dates as ISO, and what JSON cannot say is open. */
export function drawSchema(schema: unknown, io: 'input' | 'output'): Drawn {
  if (!isSchema(schema)) return { wrong: 'is no zod schema' }
  try {
    const drawn = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      override({ zodSchema, jsonSchema }) {
        const { type } = zodSchema._zod.def
        if (type === 'bigint') Object.assign(jsonSchema, { type: 'string', pattern: '^-?[0-9]+$' })
        if (type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
      },
    })
    return { schema: JSON.parse(JSON.stringify(drawn)) as Record<string, unknown> }
  } catch (error) {
    return { wrong: error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : 'cannot be drawn' }
  }
}

function isSchema(value: unknown): value is z.ZodType {
  return typeof value === 'object' && value !== null && '_zod' in value
}
