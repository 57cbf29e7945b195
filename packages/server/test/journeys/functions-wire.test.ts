import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Client } from '@quarterdeck/sdk/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let service: Record<string, string>
let asService: Client
const trial = join(import.meta.dirname, '../apps/trial')

beforeAll(async () => {
  const token = 'token-of-a-service-that-may-do-all-01'
  stage = await openStage({
    CONSOLE_APP: trial,
    CONSOLE_AUTH_TOKEN: undefined,
    CONSOLE_AUTH_TOKENS_JSON: JSON.stringify([
      { token, tenantId: 'default', label: 'all', scopes: ['identity:mint', 'functions:read'] },
    ]),
  })
  service = { authorization: `Bearer ${token}` }
  asService = stage.as(token)
}, 60_000)
afterAll(() => stage.stop())

/** A request as a stranger's program would send it. */
async function post(path: string, body: string | undefined, headers: Record<string, string> = {}) {
  const response = await fetch(`${stage.url}${path}`, {
    method: 'POST',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  const json = response.headers.get('content-type')?.includes('json') && text !== ''
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text }
}
const rpc = (fn: string, args: unknown, headers: Record<string, string> = {}) =>
  post(`/rpc/${fn}`, args === undefined ? undefined : JSON.stringify(args), headers)

/** A function user's token. */
async function userOf(subject: string, groups: string[]): Promise<Record<string, string>> {
  const { accessToken } = await asService.identity.mintToken({ class: 'user', subject, groups })
  return { authorization: `Bearer ${accessToken}` }
}

describe('what is sent to a function', () => {
  it.each([
    ['["u1", 2]', 'two', { result: { a: 'u1', b: 2 } }],
    ['[[1]]', 'echo', { result: [1] }],
    ['"u1"', 'echo', { result: 'u1' }],
    ['{"a":1}', 'echo', { result: { a: 1 } }],
    ['null', 'echo', { result: null }],
    ['[]', 'nothing', {}],
    ['', 'nothing', {}],
    [
      '["9007199254740993", "2026-11-21T10:00:00.000Z", "AAEC"]',
      'rich',
      {
        result: { big: '9007199254740994', at: '2026-11-21T10:00:00.000Z', bytes: '-_8' },
      },
    ],
  ])('%s to %s', async (body, fn, answer) => {
    const { status, body: got } = await post(`/rpc/${fn}`, body === '' ? undefined : body)
    expect({ status, got }).toEqual({ status: 200, got: answer })
  })

  it('is held against its schemas, and says where it does not match', async () => {
    const { status, body } = await rpc('two', ['u1', 'two'])
    expect({ status, code: body.code, path: body.issues[0].path }).toEqual({
      status: 422,
      code: 'invalid',
      path: [1],
    })
    expect((await rpc('two', ['u1'])).body.code).toBe('invalid')
    expect((await rpc('two', ['u1', 2, 3])).body.code).toBe('invalid')
    expect((await post('/rpc/two', '["u1"')).body.code).toBe('invalid_json')
  })
})

describe('what a function answers', () => {
  it('a raw answer as it is, but for what would act in our name', async () => {
    const { status, headers, body } = await rpc('raw', [])
    expect({ status, body }).toEqual({ status: 418, body: '<b>tea</b>' })
    expect(headers.get('content-type')).toBe('text/html')
    expect(headers.get('x-pot')).toBe('short')
    expect(headers.get('set-cookie')).toBeNull()
    expect(headers.get('content-security-policy')).toBe('sandbox')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it.each([
    ['missing', 404, 'not_found'],
    ['broken', 500, 'internal'],
    ['liar', 500, 'result_invalid'],
    ['stubborn', 504, 'deadline_exceeded'],
  ])('%s: %d %s', async (fn, status, code) => {
    const answer = await rpc(fn, [])
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code })
    expect(JSON.stringify(answer.body)).not.toContain('hunter2')
  })

  it('nothing of what there is not, and of what is not for everybody', async () => {
    const [unknown, hidden] = [await rpc('nobody', []), await rpc('hidden', [])]
    expect(unknown.status).toBe(404)
    expect({ ...hidden.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' })
    expect((await rpc('increment', ['a'])).body.code).toBe('unauthenticated')
    const reader = await userOf('ann', ['reader'])
    expect((await rpc('increment', ['a'], reader)).body.code).toBe('forbidden')
    const member = await userOf('bob', ['member'])
    expect((await rpc('everything', [], member)).body.code).toBe('forbidden')
  })

  it('within the time that the caller waits', async () => {
    const answer = await rpc('stubborn', [], { 'x-deadline-ms': '50' })
    expect(answer.body.code).toBe('deadline_exceeded')
  })

  it('what the middleware lets through', async () => {
    expect((await rpc('guarded', ['go'])).body).toEqual({ result: 'go' })
    expect((await rpc('guarded', ['stop'])).body).toMatchObject({ code: 'forbidden' })
  })
})

describe('who a caller is', () => {
  it('is held to each bit of a function and of its tables', async () => {
    const member = await userOf('hal', ['member'])
    const writer = await userOf('ida', ['writer'])
    await rpc('increment', ['bits'], service)
    const acme = (await rpc('openAccount', ['Bits', 1], service)).body.result
    // Writing the row takes 2, and reading what is left of it 4; taking it away takes 1.
    expect((await rpc('removeCounter', ['bits'], member)).body).toMatchObject({ code: 'forbidden' })
    expect((await rpc('removeCounter', ['bits'], service)).body).toEqual({ result: true })
    expect((await rpc('closeAccount', [acme], member)).body).toMatchObject({
      code: 'forbidden',
      table: 'accounts',
    })
    expect((await rpc('closeAccount', [acme], writer)).body).toEqual({})
    expect((await rpc('accounts', ['closed'], writer)).body).toMatchObject({ code: 'forbidden' })
  })

  it('is what the credential says, whatever headers and bodies claim', async () => {
    // Groups that come from the class of a credential are in no token.
    await expect(userOf('cleo', ['member', 'operators'])).rejects.toMatchObject({ code: 'invalid' })
    const member = await userOf('cleo', ['member'])
    const claims = {
      'x-owner': 'root',
      'x-tenant-id': 'other',
      'x-tenant': 'other',
      'x-principal': 'root',
      'x-groups': 'services',
    }
    const { body } = await rpc('whoami', [], { ...member, ...claims })
    expect(body.result).toEqual({
      tenant: 'default',
      principal: expect.stringContaining('cleo'),
      groups: ['member'],
      class: 'user',
    })
    expect((await rpc('whoami', [])).body.result).toMatchObject({
      principal: 'anonymous',
      groups: ['anonymous'],
    })
    expect((await rpc('whoami', [], service)).body.result).toMatchObject({ groups: ['services'] })
  })

  it('decides which rows and fields there are', async () => {
    const [dora, emil] = [await userOf('dora', ['member']), await userOf('emil', ['member'])]
    expect((await rpc('note', ['of dora'], dora)).status).toBe(200)
    expect((await rpc('notes', [], dora)).body.result).toEqual(['of dora'])
    expect((await rpc('notes', [], emil)).body.result).toEqual([])
    await rpc('openAccount', ['Acme', 12], service)
    const [seen] = (await rpc('accounts', ['open'], emil)).body.result
    expect(seen).toEqual({ id: expect.any(String), name: 'Acme', state: 'open' })
    const [whole] = (await rpc('accounts', ['open'], service)).body.result
    expect(whole.balance).toBe(12)
    expect((await rpc('openAccount', ['Acme', 1], service)).body.code).toBe('unique_violation')
  })
})

describe('a call that writes', () => {
  it('has one effect and one answer under its key', async () => {
    const key = { ...service, 'idempotency-key': randomUUID() }
    const [one, again] = [await rpc('increment', ['keyed'], key), await rpc('increment', ['keyed'], key)]
    expect([one.body, again.body]).toEqual([{ result: 1 }, { result: 1 }])
    expect((await rpc('count', ['keyed'], service)).body.result).toBe(1)
    expect((await rpc('increment', ['other'], key)).body.code).toBe('idempotency_mismatch')
  })

  it('loses no update among many at once', async () => {
    const calls = Array.from({ length: 40 }, () => rpc('increment', ['crowd'], service))
    const statuses = (await Promise.all(calls)).map(({ status }) => status)
    const done = statuses.filter((status) => status === 200).length
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true)
    expect((await rpc('count', ['crowd'], service)).body.result).toBe(done)
  })

  it('spans several calls in a session, which nobody else sees before its commit', async () => {
    const owner = await userOf('flo', ['member'])
    const begun = await post('/tx', '{}', owner)
    expect(begun.status).toBe(201)
    const inside = { ...owner, 'x-session-id': begun.body.sessionId }
    expect((await rpc('increment', ['session'], inside)).body.result).toBe(1)
    expect((await rpc('increment', ['session'], inside)).body.result).toBe(2)
    expect((await rpc('count', ['session'], owner)).body.result).toBe(0)
    const stranger = { ...(await userOf('gus', ['member'])), 'x-session-id': begun.body.sessionId }
    expect((await rpc('count', ['session'], stranger)).status).toBe(404)
    const end = `/tx/${begun.body.sessionId}/commit`
    const committed = await post(end, undefined, owner)
    expect(committed.body.number).toEqual(expect.any(Number))
    expect((await post(end, undefined, owner)).body).toEqual(committed.body)
    expect((await rpc('count', ['session'], owner)).body.result).toBe(2)
    expect((await rpc('countAt', ['session', committed.body.number - 1], owner)).body.result).toBe(0)
    expect((await post('/tx', '{}')).status).toBe(401)
  })

  it.each([
    ['snapshot', 200],
    ['serializable', 409],
  ])('in a %s session may decide on what another changes: %d', async (isolation, status) => {
    const open = async () => (await rpc('accounts', ['open'], service)).body.result as { id: string }[]
    for (const { id } of await open()) await rpc('closeAccount', [id], service)
    const ids: string[] = []
    for (const name of ['one', 'two'])
      ids.push((await rpc('openAccount', [`${isolation} ${name}`, 0], service)).body.result)
    const sessions = [0, 1].map(async () => (await post('/tx', JSON.stringify({ isolation }), service)).body)
    const sids = (await Promise.all(sessions)).map(({ sessionId }) => sessionId as string)
    for (const [at, sid] of sids.entries()) {
      const inside = { ...service, 'x-session-id': sid }
      expect((await rpc('closeUnlessLast', [ids[at]], inside)).body.result).toBe(2)
    }
    expect((await post(`/tx/${sids[0]}/commit`, undefined, service)).status).toBe(200)
    expect((await post(`/tx/${sids[1]}/commit`, undefined, service)).status).toBe(status)
    expect(await open()).toHaveLength(status === 200 ? 0 : 1)
  })
})
