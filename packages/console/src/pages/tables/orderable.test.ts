import { expect, test } from 'vitest'
import { leading, orderable } from './orderable.ts'

const indexes = {
  byState: { on: ['state', 'title', 'at'], unique: false },
  byNumber: { on: ['number'], unique: true },
}
const is = (field: string) => ({ field, operator: 'eq', value: 1 }) as const

test('rows are ordered by what an index goes on with after its equalities', () => {
  expect(orderable(indexes, [])).toEqual(['state', 'number'])
  expect(orderable(indexes, [is('state')])).toEqual(['state', 'title', 'number'])
  expect(orderable(indexes, [is('state'), is('title'), is('at')])).toEqual(['state', 'title', 'at', 'number'])
  expect(orderable(indexes, [{ field: 'state', operator: 'gt', value: 1 }])).toEqual(['state', 'number'])
  expect(orderable({}, [])).toEqual([])
  expect(leading(indexes)).toEqual(['state', 'number'])
})
