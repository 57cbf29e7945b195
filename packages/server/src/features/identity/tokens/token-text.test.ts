import { expect, it } from 'vitest'
import { makeTokenId, readToken, writeToken } from './token-text.ts'

const secret = '_x-y_'.padEnd(43, 'z')

it('a token is read back, also when its secret holds what parts it', () => {
  const text = writeToken('service', 'abcdefgh2345', secret)
  expect(text).toBe(`qd_service_abcdefgh2345_${secret}`)
  expect(readToken(text)).toEqual({ kind: 'service', id: 'abcdefgh2345', secret })
})

it.each([
  `qd_gate_abcdefgh2345_${secret}`,
  `qd_service_ABCDEFGH2345_${secret}`,
  `qd_service_abcdefgh2345_${secret}z`,
  `qd_service_abcdefgh2345_${secret.slice(1)}`,
  ` qd_service_abcdefgh2345_${secret}`,
])('%s is no token of ours', (text) => {
  expect(readToken(text)).toBeNull()
})

it('an id has twelve characters of base32', () => {
  expect(makeTokenId((size) => Uint8Array.from({ length: size }, (_, index) => index * 23))).toMatch(
    /^[a-z2-7]{12}$/,
  )
})
