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
