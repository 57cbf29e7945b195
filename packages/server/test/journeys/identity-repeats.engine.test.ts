import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../engines/databases.ts'
import { endAll } from '../program.ts'
import {
  claimBoth,
  openPost,
  openReplica,
  type Person,
  type Post,
  type Replica,
  tally,
} from './identity-replicas.ts'

describe('a write repeated under its key at two servers', () => {
  let database: FreshDatabase
  let post: Post
  let here: Replica
  let there: Replica
  let owner: Person
  const clients: pg.Client[] = []

  beforeAll(async () => {
    database = await freshDatabase()
    post = await openPost()
    const env = { CONSOLE_SMTP_URL: post.url }
    ;[here, there] = await Promise.all([openReplica(database.url, env), openReplica(database.url, env)])
    owner = await claimBoth([here, there])
  })
  afterAll(async () => {
    for (const client of clients) await client.end()
    await Promise.all([here, there].map((one) => one?.stop()))
    await endAll()
    await post?.stop()
    await database?.drop()
  })
  async function connected() {
    const client = new pg.Client({ connectionString: database.url })
    client.on('error', () => undefined)
    await client.connect()
    clients.push(client)
    return client
  }
  const under = (key: string) => ({ 'idempotency-key': key })

  it('makes one token, and shows its secret once', async () => {
    const body = { kind: 'service', label: 'ci', scopes: ['records:read'] }
    const made = await owner.ask('POST /identity/tokens', body, under('token-1'))
    expect(made.status).toBe(200)
    for (const at of [here, there]) {
      const again = await owner.at(at).ask('POST /identity/tokens', body, under('token-1'))
      expect([again.status, again.body]).toMatchObject([409, { code: 'idempotency_spent', id: made.body.id }])
      expect(JSON.stringify(again.body)).not.toContain('qd_service')
    }
    const other = await owner
      .at(there)
      .ask('POST /identity/tokens', { ...body, label: 'x' }, under('token-1'))
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_mismatch'])
    expect((await owner.ask('GET /identity/tokens')).body.items).toHaveLength(1)
  })

  it('invites a person once, by one mail, with one answer', async () => {
    const body = { email: 'bob@example.com', role: 'viewer' }
    const ask = (at: Replica) => owner.at(at).ask('POST /identity/operators', body, under('invite-1'))
    const answers = await Promise.all([here, there, here, there].map(ask))
    const { 200: done = 0, '409 idempotency_in_progress': running = 0 } = tally(answers)
    expect([done > 0, done + running]).toEqual([true, 4])
    const [first, second] = [await ask(here), await ask(there)]
    expect([first.status, second.body]).toEqual([200, first.body])
    for (const { status, body: answer } of answers) if (status === 200) expect(answer).toEqual(first.body)
    await expect.poll(() => post.arrived.length).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(post.arrived.map(({ to }) => to)).toEqual([['bob@example.com']])
  })

  it('whose server is killed midway says that its outcome is not known, and which decision tells', async () => {
    const body = { email: 'eve@example.com', role: 'viewer' }
    const locker = await connected()
    // Whatever identity wants to commit waits for this row.
    await locker.query('begin')
    await locker.query(`select * from heads where owner = '_identity' for update`)
    const lost = owner
      .at(here)
      .ask('POST /identity/operators', body, under('invite-2'))
      .catch((error: Error) => error.message)
    const watcher = await connected()
    const noted = async () =>
      (await watcher.query(`select value from console_keep where value like '%"running"%"decision"%'`)).rows
    await expect.poll(noted).toHaveLength(1)
    const retried = () => owner.at(there).ask('POST /identity/operators', body, under('invite-2'))
    expect((await retried()).body.code).toBe('idempotency_in_progress')
    await here.server.kill()
    expect(await lost).toMatch(/socket hang up|ECONNRESET/)
    await locker.query('rollback')
    expect((await retried()).body.code).toBe('idempotency_in_progress')
    // Fifteen seconds without a sign of life.
    await watcher.query(`update console_keep set expires_at = 0 where key like 'repeat/alive/%'`)
    const told = await retried()
    expect([told.status, told.body.code]).toEqual([409, 'outcome_unknown'])
    const { rows } = await watcher.query(
      `select id, phase from console_audit_log where operation = $1 and payload::text like '%eve@example.com%'`,
      ['identity.inviteOperator'],
    )
    expect(rows).toEqual([{ id: told.body.decision, phase: 'asked' }])
  })
})
