import { http } from '@quarterdeck/sdk/functions'
import { describe, expect, it } from 'vitest'
import { answerOf } from './answers.ts'

const told = (value: unknown) => answerOf(value, null).catch((error: { code?: unknown }) => error.code)

describe('an answer of a function’s own', () => {
  it.each([
    ['a line break in a header', http(200, '', { 'x-a': 'b\r\nset-cookie: c=d' })],
    ['a header that Latin-1 does not know', http(200, '', { 'x-a': 'snow ☃' })],
    ['U+0000 in a header', http(200, '', { 'x-a': '\u0000' })],
    ['a name that is none', http(200, '', { 'x a': 'b' })],
    ['a name with a line break', http(200, '', { 'x-a\r\nset-cookie': 'b' })],
    ['no name', http(200, '', { '': 'b' })],
    ['a value that is no text', http(200, '', { 'x-a': ['b'] as unknown as string })],
    ['a body that is none', http(200, 17 as unknown as string)],
    ['a status made by hand', { ...http(200), status: 42 }],
    ['headers that are none', { ...http(200), headers: null }],
  ])('is refused before anything is committed: %s', async (_, value) => {
    expect(await told(value)).toBe('result_invalid')
  })

  it('is let through as it is else', async () => {
    const value = http(404, new Uint8Array([1]), { 'X-Name': 'Zoë\t"1"', etag: '"a"' })
    expect(await told(value)).toEqual({
      http: { status: 404, body: new Uint8Array([1]), headers: { 'X-Name': 'Zoë\t"1"', etag: '"a"' } },
    })
  })
})
