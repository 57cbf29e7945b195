import { describe, expect, it } from 'vitest'
import { createRedactor, namesSecret, redacted } from './redact.ts'

const redact = createRedactor({ secrets: () => ['s3cr3t-live-value'], keys: ['Pin-Code'] })
const token = `qd_service_abcdefghijkl_${'A'.repeat(43)}`
const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJvcGVyYXRvciJ9.c2lnbmF0dXJlLWJ5dGVz'

describe('the redactor', () => {
  it.each([
    ['a live secret', 'before s3cr3t-live-value after', `before ${redacted} after`],
    ['a token of ours', `sent ${token}.`, `sent ${redacted}.`],
    ['a JWT', `got ${jwt}`, `got ${redacted}`],
    ['a private key', 'x -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- y', `x ${redacted} y`],
    ['the password of a URL', 'postgres://me:hunter2@db/x', `postgres://me:${redacted}@db/x`],
    ['a bearer header', 'Authorization: Bearer abcdefghijklmnop1234', `Authorization: Bearer ${redacted}`],
  ])('takes out %s', (_, given, clean) => {
    expect(redact.text(given)).toBe(clean)
  })

  it('replaces strings under keys that name secrets, deep down, and leaves numbers', () => {
    expect(
      redact.value({
        apiKey: 'a',
        'x-api-key': ['b'],
        db_password: 'c',
        input_tokens: 5,
        token: 7,
        pin: 'd',
        'pin-code': 'e',
        nested: { clientSecret: { v: 'f' } },
      }),
    ).toEqual({
      apiKey: redacted,
      'x-api-key': [redacted],
      db_password: redacted,
      input_tokens: 5,
      token: 7,
      pin: 'd',
      'pin-code': redacted,
      nested: { clientSecret: { v: redacted } },
    })
  })

  it('replaces every string inside an object under such a key, however deep', () => {
    const credentials = { user: 'ada', keys: [{ id: 'k-1', size: 32 }], none: null, empty: '' }
    expect(redact.value({ credentials })).toEqual({
      credentials: { user: redacted, keys: [{ id: redacted, size: 32 }], none: null, empty: '' },
    })
    expect(redact.value({ authorization: 'anything' })).toEqual({ authorization: redacted })
  })

  it('knows names by their words, not by letters within them', () => {
    expect(namesSecret('tokenizer')).toBe(false)
    expect(namesSecret('secretary')).toBe(false)
    expect(namesSecret('refreshToken')).toBe(true)
    expect(namesSecret('set-cookie')).toBe(true)
  })

  it('goes through the longest text a record can hold once, not again from each of its letters', () => {
    // Each was minutes of work, or near it, when the expressions had no bounds.
    for (const text of [`${'x'.repeat(250_000)} https://`, 'eyJaaaaaaaa-'.repeat(20_000)])
      expect(redact.text(text)).toBe(text)
  })
})
