import { describe, expect, it } from 'vitest'
import { IssuerLost } from '../../ports/issuers.ts'
import { createOutbound } from './outbound.ts'

const asked: string[] = []
const outbound = (allowInsecure: boolean, answer: () => Response = () => new Response('{}')) =>
  createOutbound({
    allowInsecure,
    async fetch(url) {
      asked.push(url)
      return answer()
    },
  })

describe('speaking to an issuer', () => {
  it('is done by https, or on this machine where that is allowed', async () => {
    expect((await outbound(false)('https://id.example.com/a')).status).toBe(200)
    for (const url of ['http://localhost:1/a', 'http://127.0.0.1:1/a', 'http://[::1]:1/a']) {
      expect((await outbound(true)(url)).status).toBe(200)
      await expect(outbound(false)(url)).rejects.toThrow(IssuerLost)
    }
    asked.length = 0
    for (const url of [
      'http://id.example.com/a',
      'file:///etc/passwd',
      'nonsense',
      'http://127.0.0.1.example.com',
    ])
      await expect(outbound(true)(url)).rejects.toThrow(IssuerLost)
    expect(asked).toEqual([])
  })

  it('follows no redirect', async () => {
    const answer = () =>
      new Response(null, { status: 302, headers: { location: 'https://elsewhere.example.com' } })
    await expect(outbound(false, answer)('https://id.example.com')).rejects.toThrow(IssuerLost)
  })

  it('reads no more than 1 MiB', async () => {
    const answer = (size: number) => () => new Response('x'.repeat(size))
    expect(await (await outbound(false, answer(1_048_576))('https://id.example.com')).text()).toHaveLength(
      1_048_576,
    )
    await expect(outbound(false, answer(1_048_577))('https://id.example.com')).rejects.toThrow(IssuerLost)
  })

  it('calls an issuer that does not answer away', async () => {
    const refuse = () => {
      throw new TypeError('fetch failed')
    }
    await expect(outbound(false, refuse)('https://id.example.com')).rejects.toThrow(IssuerLost)
  })
})
