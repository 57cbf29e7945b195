import { describe, expect, it } from 'vitest'
import { type Condition, formatWhere, parseWhere, readValue } from './conditions.ts'

const conditions: Condition[] = [
  { field: 'state', operator: 'eq', value: 'open' },
  { field: 'title', operator: 'gte', value: 'a' },
  { field: 'title', operator: 'lt', value: 'b' },
]

describe('conditions', () => {
  it('are in the address as the API takes them, and come back as they were', () => {
    const where = formatWhere(conditions)
    expect(where).toBe('{"state":"open","title":{"gte":"a","lt":"b"}}')
    expect(parseWhere(where)).toEqual(conditions)
    expect(formatWhere([])).toBeUndefined()
    expect(parseWhere(undefined)).toEqual([])
  })

  it('replace one on the same field and comparison', () => {
    const again: Condition = { field: 'state', operator: 'eq', value: null }
    expect(formatWhere([...conditions.slice(0, 1), again])).toBe('{"state":null}')
  })

  it.each(['{', '[]', '"a"', '{"a":{"like":"x"}}'])('that are none are told as such: %s', (where) => {
    expect(parseWhere(where)).toBeNull()
  })

  it('have values of the type of their field', () => {
    expect(readValue('4.5', 'number', 'gt')).toBe(4.5)
    expect(readValue('', 'number', 'eq')).toBeUndefined()
    expect(readValue('four', 'number', 'eq')).toBeUndefined()
    expect(readValue('4', 'text', 'eq')).toBe('4')
    expect(readValue('null', 'text', 'eq')).toBeNull()
    expect(readValue('"null"', 'text', 'eq')).toBe('null')
    expect(readValue('null', 'text', 'prefix')).toBe('null')
    expect(readValue('true', 'boolean', 'ne')).toBe(true)
    expect(readValue('yes', 'boolean', 'eq')).toBeUndefined()
    expect(readValue('1, 2', 'number', 'in')).toEqual([1, 2])
    expect(readValue('1, x', 'number', 'in')).toBeUndefined()
    expect(readValue('7', 'any', 'eq')).toBe(7)
    expect(readValue('seven', 'any', 'eq')).toBe('seven')
  })
})
