import { describe, expect, it } from 'vitest'
import { looksLikeJwt, readJwtShape } from './jwt-shape.ts'

const part = (text: string) => Buffer.from(text).toString('base64url')
const header = '{"alg":"EdDSA","typ":"at+jwt","kid":"k"}'
const payload = '{"sub":"a","deep":[{"x":1},{"x":2}],"text":"\\",{:}"}'
const signature = 'c2lnbg'
const jwt = (first = header, second = payload, third = signature) => `${part(first)}.${part(second)}.${third}`

describe('the shape of a JWT', () => {
  it('is read', () => {
    expect(readJwtShape(jwt())).toEqual({ header: JSON.parse(header), payload: JSON.parse(payload) })
  })

  it.each([
    ['padding', `${jwt()}==`],
    ['stray bits', jwt(header, payload, 'c2lnbh')],
    ['stray bits in the payload', `${part(header)}.${part(payload).slice(0, -1)}.${signature}`],
    ['a line break', `${jwt()}\n`],
    ['white space within', jwt().replace('.', ' .')],
    ['the other alphabet', jwt(header, payload, 'a+/b')],
    ['an empty signature', jwt(header, payload, '')],
    ['a fourth part', `${jwt()}.e30`],
    ['two parts', jwt().split('.').slice(0, 2).join('.')],
    ['more than 8 KiB', jwt(header, JSON.stringify({ a: 'x'.repeat(8_192) }))],
    ['a list', jwt(header, '[1]')],
    ['no JSON', jwt(header, '{a}')],
    ['a byte order mark', jwt(header, '\uFEFF{}')],
    [
      'no UTF-8',
      `${part(header)}.${Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')}.aaaa`,
    ],
    ['a member twice', jwt(header, '{"sub":"a","sub":"b"}')],
    ['a member twice, once escaped', jwt(header, '{"sub":"a","\\u0073ub":"b"}')],
    ['a member twice within', jwt(header, '{"a":[{"b":1,"b":2}]}')],
    ['a member twice in the header', jwt('{"alg":"none","alg":"EdDSA"}')],
    ...['crit', 'jku', 'jwk', 'x5u', 'x5c'].map((name): [string, string] => [
      name,
      jwt(`{"alg":"EdDSA","${name}":["x"]}`),
    ]),
  ])('is refused with %s', (_, token) => {
    expect(readJwtShape(token)).toBeNull()
  })

  it('is asked for only where there are three parts', () => {
    expect(looksLikeJwt(jwt())).toBe(true)
    expect(looksLikeJwt('a.b')).toBe(false)
    expect(looksLikeJwt('a.b.c.d')).toBe(false)
  })
})
