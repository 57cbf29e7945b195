import { expect, test } from 'vitest'
import { hiddenFields } from './hidden-fields.ts'
import { columnsOf, fieldsOf } from './table-fields.ts'

const table = {
  masks: [
    { path: 'cost', bits: 0, groups: { lead: 6 } },
    { path: 'mail', bits: 2, groups: { operators: 4 } },
    { path: 'note', bits: 4, groups: {} },
    { path: 'by.phone', bits: 0, groups: {} },
  ],
  schema: {
    type: 'object',
    properties: {
      title: { type: 'string' },
      state: { type: 'string', enum: ['open', 'done'] },
      cost: { type: 'number' },
      mail: { type: 'string' },
      note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      by: {
        type: 'object',
        properties: { name: { type: 'string' }, phone: { type: 'string' }, age: { type: 'integer' } },
      },
      tags: { type: 'array' },
    },
  },
}

test('what operators may not see is hidden from them, whatever other groups hold', () => {
  expect(hiddenFields(table)).toEqual(['cost', 'by.phone'])
})

test('conditions can be put on fields with one value that operators may see', () => {
  expect(fieldsOf(table)).toEqual([
    { path: 'title', type: 'text' },
    { path: 'state', type: 'text', options: ['open', 'done'] },
    { path: 'mail', type: 'text' },
    { path: 'note', type: 'any' },
    { path: 'by.name', type: 'text' },
    { path: 'by.age', type: 'number' },
  ])
  expect(columnsOf(table)).toEqual(['title', 'state', 'cost', 'mail', 'note', 'by', 'tags'])
})
