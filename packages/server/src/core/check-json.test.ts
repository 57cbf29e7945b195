import fc from 'fast-check'
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

/** The rule as one would write it without a thought for speed: where the first fault lies. */
function plainly(value: unknown, depth = 0): (string | number)[] | null {
  const isText = (text: string) => !text.includes('\u0000') && text.isWellFormed()
  if (typeof value === 'string') return isText(value) ? null : []
  if (typeof value === 'number') return Number.isFinite(value) ? null : []
  if (typeof value !== 'object' || value === null) return null
  if (depth >= 64) return []
  const members: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value)
  for (const [key, member] of members) {
    if (key === '__proto__') return [key]
    const found = typeof key === 'string' && !isText(key) ? [] : plainly(member, depth + 1)
    if (found !== null) return [key, ...found]
  }
  return null
}

it('finds in any value what the rule finds first', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.constantFrom('\u0000', 'a\u0000b', '\ud800', '\udc00😀', '😀', '\ud83d', '__proto__', 'x'.repeat(65)),
    fc.constantFrom(`${'x'.repeat(70)}\u0000`, `${'x'.repeat(70)}\ud800`, `${'x'.repeat(70)}😀`),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(fc.tuple(text, tie('value')), { maxLength: 6 })
        .map((members): unknown =>
          JSON.parse(
            `{${members.map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one)}`).join(',')}}`,
          ),
        ),
      fc.tuple(tie('value'), fc.integer({ min: 55, max: 70 })).map(([inner, depth]) => {
        let nesting = inner
        for (let n = 0; n < depth; n += 1) nesting = n % 2 === 0 ? [nesting] : { a: nesting }
        return nesting
      }),
    ),
  }))
  fc.assert(
    fc.property(value, (given) => {
      expect(checkJson(given)?.path ?? null).toEqual(plainly(given))
    }),
    { numRuns: 500 },
  )
})
