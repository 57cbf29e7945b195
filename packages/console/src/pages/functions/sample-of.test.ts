import { expect, test } from 'vitest'
import { sampleOf } from './sample-of.ts'

test.each([
  [{ type: 'string', default: 'open' }, 'open'],
  [{ enum: ['open', 'done'] }, 'open'],
  [{ type: 'string', format: 'date' }, '2026-01-31'],
  [{ type: 'string', minLength: 12 }, 'something...'],
  [{ type: 'string', maxLength: 4 }, 'some'],
  [{ type: 'integer', minimum: 5 }, 5],
  [{ type: 'number', exclusiveMinimum: 3 }, 4],
  [{ type: 'number', maximum: 0 }, 0],
  [{ type: 'boolean' }, true],
  [{ type: 'array', items: { type: 'string' } }, []],
  [{ type: 'array', items: { type: 'boolean' }, minItems: 2 }, [true, true]],
  [{ anyOf: [{ type: 'null' }, { type: 'string' }] }, null],
  [
    { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'string' } }, required: ['a'] },
    { a: 1 },
  ],
  [{}, null],
])('%j takes %j', (schema, sample) => {
  expect(sampleOf(schema)).toEqual(sample)
})

test('a schema that refers to itself has an end', () => {
  const tree = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] }
  expect(JSON.stringify(sampleOf(tree))).toContain('null')
})
