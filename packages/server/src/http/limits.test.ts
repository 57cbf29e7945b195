import { afterEach, describe, expect, it } from 'vitest'
import { memoryKeep } from '../adapters/memory/keep.ts'
import { type EdgeOptions, type OpenEdge, openEdge, rawRequest, sendRaw } from './edge.test-kit.ts'

let edge: OpenEdge
const open = async (more: Omit<EdgeOptions, 'keep'> = {}) => {
  edge = await openEdge({ keep: memoryKeep({ now: Date.now }), ...more })
}
afterEach(() => edge.stop())

async function ask(line: string, headers: Record<string, string> = {}, from = '127.0.0.1', body = '') {
  const type = body === '' ? {} : { 'content-type': 'application/json' }
  const answer = await sendRaw(edge.port, rawRequest(line, { ...type, ...headers }, body), from)
  return { ...answer, code: /"code":"(\w+)"/.exec(answer.body)?.[1] }
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('an address', () => {
  it('has 60 requests a minute without a credential; pages, probes and keys are free', async () => {
    await open()
    for (let n = 0; n < 60; n += 1)
      expect((await ask(n % 2 === 0 ? 'GET /nothing' : 'GET /openapi.json')).status).toBe(
        n % 2 === 0 ? 404 : 200,
      )
    const over = await ask('GET /openapi.json')
    expect([over.status, over.code]).toEqual([429, 'rate_limited'])
    expect(over.headers['ratelimit-policy']).toBe('"anonymous";q=60;w=60')
    expect(Number(over.headers['retry-after'])).toBeGreaterThan(0)
    expect(JSON.parse(over.body)).toMatchObject({ limit: 'anonymous' })
    for (const path of ['/console/', '/healthz', '/.well-known/jwks.json'])
      expect((await ask(`GET ${path}`)).status).not.toBe(429)
    expect((await ask('GET /things/1', bearer('good-token'))).status).toBe(200)
    expect((await ask('GET /openapi.json', {}, '127.0.0.2')).status).toBe(200)
  })

  it('has 20 failed credentials a minute; then only those known to be good are looked at', async () => {
    await open()
    expect((await ask('GET /things/1', bearer('good-token'))).status).toBe(200)
    const codes: number[] = []
    for (let n = 0; n < 40; n += 1) codes.push((await ask('GET /things/1', bearer(`bad-${n}`))).status)
    expect(codes).toEqual([...Array(20).fill(401), ...Array(20).fill(429)])
    const read = edge.asked.length
    const unread = await ask('GET /things/1', bearer('other-token'))
    expect([unread.status, unread.headers['ratelimit-policy']]).toEqual([429, '"credentials";q=20;w=60'])
    expect((await ask('GET /things/1', { authorization: 'Basic eA==' })).status).toBe(429)
    expect(edge.asked.length).toBe(read)
    expect((await ask('GET /things/1', bearer('good-token'))).status).toBe(200)
    expect((await ask('GET /things/1', bearer('other-token'), '127.0.0.2')).status).toBe(200)
  })

  it('has 20 of them also when all come at once', async () => {
    await open()
    const all = Array.from({ length: 40 }, (_, n) => ask('GET /things/1', bearer(`bad-${n}`)))
    const statuses = (await Promise.all(all)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(20)
    expect(statuses.filter((status) => status === 429)).toHaveLength(20)
  })
})

describe('a verified principal', () => {
  const three = { default: [{ count: 3, windowMs: 60_000 }] }

  it('is told what is left on every answer, and refused above', async () => {
    await open({ limits: three })
    const left: (string | undefined)[] = []
    for (const line of ['GET /things/1', 'GET /nothing', 'POST /things/1'])
      left.push((await ask(line, bearer('good-token'))).headers.ratelimit?.split(';')[1])
    expect(left).toEqual(['r=2', 'r=1', 'r=0'])
    const over = await ask('GET /things/1', bearer('good-token'))
    expect([over.status, over.code]).toEqual([429, 'rate_limited'])
    expect(over.headers.ratelimit).toMatch(/^"default";r=0;t=\d+$/)
    expect(over.headers['retry-after']).toMatch(/^\d+$/)
    expect(over.text.match(/retry-after/gi)).toHaveLength(1)
    expect((await ask('GET /things/1', bearer('other-token'))).status).toBe(200)
    expect(edge.refusals.at(-1)).toMatchObject({ by: 'c-ann', code: 'rate_limited' })
  })

  it('has limits of its own for each class', async () => {
    await open({ limits: { ...three, ingest: [{ count: 1, windowMs: 60_000 }] } })
    const tell = () => ask('POST /things/lines', bearer('good-token'), '127.0.0.1', '[1]')
    expect((await tell()).headers['ratelimit-policy']).toBe('"ingest";q=1;w=60')
    expect((await tell()).status).toBe(429)
    expect((await ask('GET /things/1', bearer('good-token'))).status).toBe(200)
  })

  it('pays for what the gate refuses, for that comes later', async () => {
    await open({ limits: three })
    for (let n = 0; n < 3; n += 1) expect((await ask('GET /things/1', bearer('weak-token'))).status).toBe(403)
    expect((await ask('GET /things/1', bearer('weak-token'))).status).toBe(429)
  })
})
