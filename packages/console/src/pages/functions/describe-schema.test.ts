import { expect, test } from 'vitest'
import { describeSchema } from './describe-schema.ts'

const text = { type: 'string' }

test.each([
  [{ type: 'string', format: 'date-time' }, 'string (date-time)'],
  [{ enum: ['open', 'done'] }, '"open" | "done"'],
  [{ anyOf: [text, { type: 'null' }] }, 'string | null'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ type: 'array', items: { anyOf: [text, { type: 'number' }] } }, '(string | number)[]'],
  [{ type: 'array', prefixItems: [text, { type: 'integer' }] }, '[string, integer]'],
  [{ type: 'object', additionalProperties: { type: 'number' } }, '{ [key]: number }'],
  [{ type: 'object', properties: { a: text, b: text }, required: ['a'] }, '{ a: string, b?: string }'],
  [{}, 'anything'],
])('%j is read as %s', (schema, said) => {
  expect(describeSchema(schema)).toBe(said)
})

test('references are followed, and one that leads to itself ends', () => {
  const leaf = {
    $defs: { id: text },
    type: 'object',
    properties: { id: { $ref: '#/$defs/id' } },
    required: ['id'],
  }
  expect(describeSchema(leaf)).toBe('{ id: string }')
  const tree = { type: 'object', properties: { next: { $ref: '#' } } }
  expect(describeSchema(tree)).toContain('next?: …')
  expect(describeSchema({ $ref: '#/nowhere' })).toBe('anything')
})
