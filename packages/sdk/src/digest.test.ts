import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonical } from './digest.ts'

it('writes members by UTF-16 order and numbers as ECMAScript does (RFC 8785)', () => {
  const given = {
    numbers: [1e30, 4.5, 2e-3, 1e-27, -0],
    b: { z: null, a: true },
    '\u20ac': 'x',
    '\r': 1,
    '1': 2,
  }
  expect(canonical(given)).toBe(
    '{"\\r":1,"1":2,"b":{"a":true,"z":null},"numbers":[1e+30,4.5,0.002,1e-27,0],"€":"x"}',
  )
})

it('is the same whatever the order that members came in', () => {
  expect(canonical({ a: 1, b: [{ d: 1, c: 2 }] })).toBe(canonical(JSON.parse('{"b":[{"c":2,"d":1}],"a":1}')))
})

/** The rule as one would write it without a thought for speed. */
function plainly(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(plainly).join(',')}]`
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${plainly(member)}`).join(',')}}`
}

it('says of any value what the rule says, odd letters and many members and all', () => {
  const text = fc.string({ unit: 'binary', maxLength: 80 })
  const odd = fc.constantFrom(
    '"',
    '\\',
    '\u0000',
    '\u001f',
    '\u007f',
    '\u2028',
    '\ud800',
    '😀',
    'a"b',
    '__proto__',
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(text, odd, fc.double(), fc.integer(), fc.boolean(), fc.constantFrom(null, undefined)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(text, odd), tie('value'), { maxKeys: 48 }),
    ),
  }))
  fc.assert(
    fc.property(value, (given) => {
      expect(canonical(given)).toBe(plainly(given))
    }),
    { numRuns: 500 },
  )
})
