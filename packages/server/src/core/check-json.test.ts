import { expect, it } from 'vitest'
import { checkJson } from './check-json.ts'

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

it('takes ordinary JSON', () => {
  expect(checkJson({ a: [1, 'ü😀', null, true, { b: -0.5 }] })).toBeNull()
  expect(checkJson(nested(64))).toBeNull()
})

it.each([
  ['a number over the range', { a: [JSON.parse('1e400')] }, ['a', 0]],
  ['U+0000 in a value', { a: 'x\u0000' }, ['a']],
  ['U+0000 in a key', { 'k\u0000': 1 }, ['k\u0000']],
  ['half a surrogate pair', { a: { b: '\ud800' } }, ['a', 'b']],
  ['the key __proto__', JSON.parse('{"a":{"__proto__":{"x":1}}}'), ['a', '__proto__']],
])('finds %s, and says where', (_, value, path) => {
  expect(checkJson(value)?.path).toEqual(path)
})

it('finds nesting deeper than 64', () => {
  expect(checkJson(nested(65))?.message).toContain('64')
})
