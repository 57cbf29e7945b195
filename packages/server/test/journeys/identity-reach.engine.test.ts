import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../engines/databases.ts'
import { endAll } from '../program.ts'
import {
  asksLink,
  claimBoth,
  type Listening,
  listen,
  openPost,
  openReplica,
  type Person,
  type Post,
  type Replica,
} from './identity-replicas.ts'
import { enrol } from './people.ts'

describe('what ends at one server', () => {
  let database: FreshDatabase
  let post: Post
  let here: Replica
  let there: Replica
  let owner: Person
  let code: (step?: number) => string

  beforeAll(async () => {
    database = await freshDatabase()
    post = await openPost()
    const env = { CONSOLE_SMTP_URL: post.url }
    ;[here, there] = await Promise.all([openReplica(database.url, env), openReplica(database.url, env)])
    owner = await claimBoth([here, there])
    code = (await enrol(owner)).code
  })
  afterAll(async () => {
    await Promise.all([here, there].map((one) => one?.stop()))
    await endAll()
    await post?.stop()
    await database?.drop()
  })

  const bearer = (token: unknown) => ({ authorization: `Bearer ${token}` })
  async function opened(headers: Record<string, string>): Promise<Listening> {
    const stream = await listen(there, '/stream?topics=state', headers)
    expect(stream.status).toBe(200)
    await expect.poll(() => stream.said()).toContain('event: snapshot')
    return stream
  }
  /** Waits until the stream was ended with a goodbye. */
  async function endsBy(stream: Listening): Promise<void> {
    await expect.poll(() => stream.ended(), { timeout: 5_000 }).toBe(true)
    expect(stream.said()).toMatch(/event: bye\ndata: .*revoked/)
  }

  it('ends at the other: the stream of a token that is revoked', async () => {
    const service = { kind: 'service', label: 'ci', scopes: ['records:read'] }
    const { body } = await owner.ask('POST /identity/tokens', service)
    const streams = [await opened(bearer(body.token)), await opened({ 'x-api-key': String(body.token) })]
    expect((await owner.ask(`DELETE /identity/tokens/${body.id}`)).status).toBe(204)
    for (const stream of streams) await endsBy(stream)
    const after = await there.ask('GET /state', { token: String(body.token) })
    expect([after.status, after.body.code]).toEqual([401, 'credential_revoked'])
  })

  it('ends at the other: the stream of a program whose refresh token is replayed', async () => {
    await owner.ask('POST /identity/operators', { email: 'cli@example.com', role: 'viewer' })
    const { person, token } = await asksLink(here, post, 'cli@example.com')
    const first = (await person.ask('POST /auth/confirm', { token, as: 'token' })).body
    const refresh = (refreshToken: unknown) => here.ask('POST /auth/refresh', { body: { refreshToken } })
    const second = (await refresh(first.refreshToken)).body
    const stream = await opened(bearer(second.accessToken))
    expect((await refresh(first.refreshToken)).body.code).toBe('refresh_invalid')
    await endsBy(stream)
    expect((await refresh(second.refreshToken)).body.code).toBe('refresh_invalid')
    for (const pair of [first, second]) {
      const { body } = await there.ask('GET /session', { token: String(pair.accessToken) })
      expect(body.code).toBe('credential_revoked')
    }
  })

  it('ends at the other: the streams of an operator whose role changes, by cookie and by ticket', async () => {
    const bob = { email: 'bob@example.com', role: 'viewer' }
    const { id } = (await owner.ask('POST /identity/operators', bob)).body
    const { person, token } = await asksLink(here, post, bob.email)
    await person.ask('POST /auth/confirm', { token })
    const byCookie = await opened({ cookie: person.cookies() })
    const { body } = await person.ask('POST /stream/tickets', { topics: ['state'] })
    const byTicket = await listen(there, `/stream?topics=state&ticket=${body.ticket}`)
    expect(byTicket.status).toBe(200)
    const route = `POST /identity/operators/${id}/role`
    const { challenge } = (await owner.ask(route, { role: 'support' })).body
    const { proof } = (await owner.ask('POST /identity/proofs', { challenge, code: code() })).body
    const changed = await owner.ask(route, { role: 'support' }, { 'x-console-proof': String(proof) })
    expect(changed.status).toBe(200)
    await endsBy(byCookie)
    await endsBy(byTicket)
    expect((await person.at(there).ask('GET /session')).status).toBe(401)
  })
})
