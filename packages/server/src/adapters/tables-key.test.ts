import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareText, fieldKey, keyOf } from './tables-key.ts'

const number = fc.double({ noNaN: true })
const text = fc.string({ unit: 'binary' }).filter((one) => one.isWellFormed())

describe('keys of values', () => {
  it('sort numbers as numbers', () => {
    const odd = [
      -Infinity,
      -1e21,
      -1,
      -Number.MIN_VALUE,
      0,
      Number.MIN_VALUE,
      0.1,
      1,
      2,
      10,
      2 ** 53,
      Infinity,
    ]
    expect([...odd].reverse().sort((a, b) => compareText(keyOf(a), keyOf(b)))).toEqual(odd)
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(Math.sign(compareText(keyOf(a), keyOf(b)))).toBe(Math.sign(a - b || 0))
      }),
    )
    expect(keyOf(-0)).toBe(keyOf(0))
  })

  it('sort texts by code point, as their UTF-8 sorts by bytes', () => {
    expect(compareText('\uffff', '😀')).toBeLessThan(0)
    fc.assert(
      fc.property(text, text, (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b))
        expect(Math.sign(compareText(keyOf(a), keyOf(b)))).toBe(bytes)
      }),
    )
  })

  it('sort types: nothing, false, true, numbers, texts, the rest', () => {
    const values = [null, false, true, -1e300, 1e300, '', '1', '\u{10ffff}', {}]
    expect([...values].reverse().sort((a, b) => compareText(keyOf(a), keyOf(b)))).toEqual(values)
    expect(keyOf(undefined)).toBe(keyOf(null))
    expect(keyOf([1])).toBe(keyOf({ a: 1 }))
  })

  it('are found by a path through objects, never through lists, texts or what objects inherit', () => {
    const data = { a: { 'b c': { d: 1 } }, list: [{ a: 1 }], text: 'x', 'a.b': 2 }
    expect(fieldKey(data, 'a.b c.d')).toBe(keyOf(1))
    for (const field of [
      'a.b',
      'list.0',
      'list.length',
      'text.length',
      'constructor',
      'a.toString',
      '__proto__',
    ]) {
      expect(fieldKey(data, field)).toBe(keyOf(null))
    }
    expect(fieldKey([1], '0')).toBe(keyOf(null))
    expect(fieldKey(null, 'a')).toBe(keyOf(null))
  })
})
