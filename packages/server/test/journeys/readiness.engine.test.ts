import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { breakable } from '../engines/breakable.ts'
import { freshDatabase } from '../engines/databases.ts'
import { freePort } from '../engines/free-port.ts'
import { endAll, quarterdeck } from '../program.ts'
import { event, openStage } from '../stage.ts'
import { type HostedAnswer, hostedEnv, openHosted } from './hosted.ts'

const fiveSeconds = { timeout: 5_000, interval: 100 }
const soon = { timeout: 15_000, interval: 100 }

describe('a hosted server', () => {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    await endAll()
    for (const end of ends.splice(0).reverse()) await end()
  })
  async function database(options: { empty?: boolean } = {}) {
    const made = await freshDatabase(options)
    ends.push(() => made.drop())
    return made.url
  }
  async function hosted(url: string, more: Record<string, string> = {}) {
    const made = await openHosted(url, more)
    ends.push(() => made.end())
    return made
  }
  async function sql(url: string, ...statements: string[]) {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      for (const statement of statements) await client.query(statement)
    } finally {
      await client.end()
    }
  }

  it('whose database is not migrated is alive but not ready, and is ready five seconds after', async () => {
    const server = await hosted(await database({ empty: true }))
    expect((await server.ask('/healthz')).status).toBe(200)
    expect((await server.ask('/readyz')).status).toBe(503)
    expect(await server.failing()).toMatchObject({ migrations: 'behind' })
    for (const [path, body] of [['/state'], ['/records'], ['/telemetry'], ['/records', event('e1')]] as const)
      expect(await server.ask(path, body), path).toMatchObject({ status: 503, body: { code: 'not_ready' } })
    expect((await server.ask('/stream?topics=state')).body).toMatchObject({ code: 'not_ready' })
    // It never migrates by itself.
    expect((await server.command(['migrate', '--status'])).out).not.toContain('applied')

    const migrated = await server.command(['migrate'])
    expect([migrated.code, migrated.err]).toEqual([0, ''])
    await expect.poll(async () => (await server.ask('/readyz')).status, fiveSeconds).toBe(200)
    expect(await server.ask('/records', event('e1'))).toMatchObject({
      status: 200,
      body: { status: 'accepted', position: 1 },
    })
    expect((await server.command(['migrate'])).out).toContain('up to date')
  })

  it('says which table is gone and serves no state, yet lives, and heals when it is put back', async () => {
    const url = await database()
    const server = await hosted(url)
    expect(await server.failing()).toEqual({})
    await server.ask('/records', event('e1'))
    await sql(url, 'alter table console_core_records rename to put_aside')
    await expect.poll(() => server.failing(), soon).toMatchObject({ schema: 'table_missing' })
    expect((await server.ask('/state')).status).toBe(503)
    expect((await server.ask('/records', event('e2'))).status).toBe(503)
    expect((await server.ask('/healthz')).status).toBe(200)
    await sql(url, 'alter table put_aside rename to console_core_records')
    await expect.poll(() => server.failing(), soon).toEqual({})
    expect(await server.ask('/state')).toMatchObject({ status: 200, body: { position: 1 } })
    expect(await server.ask('/records', event('e1'))).toMatchObject({ body: { status: 'duplicate' } })

    await sql(url, 'alter table console_telemetry_events rename column outcome to result')
    await expect.poll(() => server.failing(), soon).toMatchObject({ schema: 'column_missing' })
    await sql(url, 'alter table console_telemetry_events rename column result to outcome')
    await expect.poll(() => server.failing(), soon).toEqual({})
  })

  it('whose database is cut acknowledges nothing, takes no other store, heals by itself and has lost nothing', async () => {
    const url = await database()
    const way = await breakable(url)
    ends.push(() => way.close())
    const server = await hosted(way.url)
    const taken = new Map<string, number>()
    const refused: string[] = []
    const codes = new Set<unknown>()
    let telling = true
    ends.push(async () => {
      telling = false
    })
    const teller = async (name: string) => {
      for (let n = 0; telling; n += 1) {
        const id = `${name}-${n}`
        const { status, body } = await server.ask('/records', event(id))
        if (status === 200) taken.set(id, body.position as number)
        else {
          refused.push(id)
          codes.add(`${status} ${body.code}`)
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      }
    }
    const tellers = Promise.all(['a', 'b', 'c', 'd'].map(teller))
    tellers.catch(() => undefined)
    await expect.poll(() => taken.size, soon).toBeGreaterThan(20)
    way.cut()
    await expect.poll(() => server.failing(), soon).toMatchObject({ database: expect.any(String) })
    const told = taken.size
    await expect.poll(() => refused.length, soon).toBeGreaterThan(20)
    expect(taken.size).toBe(told)
    expect([...codes]).toEqual(['503 dependency_unavailable'])
    expect((await server.ask('/records/a-0')).body).toMatchObject({ code: 'dependency_unavailable' })
    expect((await server.ask('/healthz')).status).toBe(200)
    way.mend()
    await expect.poll(() => taken.size, soon).toBeGreaterThan(told)
    telling = false
    await tellers
    await expect.poll(() => server.failing(), soon).toEqual({})

    for (const id of refused) {
      const { status, body } = await server.ask('/records', event(id))
      expect([status, body.status], id).toEqual([200, expect.stringMatching(/^(accepted|duplicate)$/)])
      taken.set(id, body.position as number)
    }
    // By fifties: no address may have more than 256 connections.
    const ids = [...taken.keys()]
    const found: Awaited<ReturnType<typeof server.ask>>[] = []
    for (let from = 0; from < ids.length; from += 50)
      found.push(...(await Promise.all(ids.slice(from, from + 50).map((id) => server.ask(`/records/${id}`)))))
    expect(found.map(({ body }) => body.position)).toEqual([...taken.values()])
    expect([...taken.values()].sort((a, b) => a - b)).toEqual(Array.from(taken, (_, n) => n + 1))
    expect((await server.ask('/state')).body.position).toBe(taken.size)
    expect(server.files()).toEqual([])
  })

  it('is ready again after a cut though nobody writes', async () => {
    const way = await breakable(await database())
    ends.push(() => way.close())
    const server = await hosted(way.url)
    await server.ask('/records', event('e1'))
    way.cut()
    await expect
      .poll(() => server.failing(), soon)
      .toMatchObject({
        database: expect.any(String),
        projections: 'failed',
      })
    way.mend()
    await expect.poll(() => server.failing(), soon).toEqual({})
    expect((await server.ask('/state')).body.position).toBe(1)
  })

  it('that lost the answer of a commit acknowledges nothing, and the resend settles it', async () => {
    const way = await breakable(await database())
    ends.push(() => way.close())
    const server = await hosted(way.url)
    way.cutAnswerTo('console_core_records_append')
    expect(await server.ask('/records', event('e1'))).toMatchObject({
      status: 503,
      body: { code: 'dependency_unavailable' },
    })
    way.mend()
    let answer: HostedAnswer | null = null
    await expect
      .poll(async () => {
        answer = await server.ask('/records', event('e1'))
        return answer.status
      }, soon)
      .toBe(200)
    expect(answer).toMatchObject({ body: { status: 'duplicate', position: 1 } })
  })

  it('starts without its database, says so, and takes up work once it is there', async () => {
    const way = await breakable(await database())
    ends.push(() => way.close())
    way.cut()
    const server = await hosted(way.url)
    expect((await server.ask('/healthz')).status).toBe(200)
    expect(await server.failing()).toHaveProperty('database')
    expect(await server.ask('/state')).toMatchObject({ status: 503, body: { code: 'not_ready' } })
    expect(await server.ask('/records', event('e1'))).toMatchObject({ status: 503 })
    expect(server.files()).toEqual([])
    way.mend()
    await expect.poll(() => server.failing(), soon).toEqual({})
    expect(await server.ask('/records', event('e1'))).toMatchObject({ body: { position: 1 } })
  })

  it('in local mode instead migrates its database by itself', async () => {
    const url = await database({ empty: true })
    const settings = { CONSOLE_TELEMETRY_STORAGE: 'postgres', CONSOLE_KEEP_STORAGE: 'postgres' }
    const stage = await openStage({ ...settings, CONSOLE_DATABASE_URL: url })
    ends.push(() => stage.stop())
    expect((await fetch(`${stage.url}/readyz`)).status).toBe(200)
    expect(await stage.client.records.append(event('e1'))).toMatchObject({ position: 1 })
  })

  it('older than its database is ready when the catalog has all it needs, and not when a file was edited', async () => {
    const url = await database()
    await sql(
      url,
      `insert into console_schema_migrations values ('9999_from_the_future', 'ff', true, now(), 'somebody')`,
      'alter table console_core_records add column of_tomorrow text',
    )
    const server = await hosted(url)
    expect((await server.ask('/readyz')).status).toBe(200)
    expect(await server.ask('/records', event('e1'))).toMatchObject({ body: { status: 'accepted' } })
    expect((await server.command(['migrate', '--status'])).out).toMatch(/9999_from_the_future +unknown/)

    await sql(url, `update console_schema_migrations set checksum = 'edited' where version like '0001%'`)
    await expect.poll(() => server.failing(), soon).toMatchObject({ migrations: 'edited' })
    const refused = await server.command(['migrate'])
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('migration_edited')])
  })

  it('shows what it would migrate without a database', async () => {
    const dead = `postgres://nobody:nothing@127.0.0.1:${await freePort()}/none`
    const { code, out, err } = await quarterdeck(['migrate', '--dry-run'], hostedEnv(dead))
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^0001_\w+ +[0-9a-f]{64}/m)
    expect((await quarterdeck(['migrate'], hostedEnv(dead))).code).toBe(1)
  })

  it('ends with 78 when its database was sealed under another secret', async () => {
    const url = await database()
    const first = await hosted(url)
    expect(await first.failing()).toEqual({})
    const other = hostedEnv(url).CONSOLE_SECRET?.replace(/^../, 'fe') ?? ''
    const refused = await quarterdeck(['serve'], {
      ...hostedEnv(url),
      CONSOLE_SECRET: other,
      CONSOLE_METRICS_ENABLED: 'false',
      CONSOLE_PORT: '0',
    })
    expect([refused.code, refused.out + refused.err]).toEqual([
      78,
      expect.stringContaining('key_set_mismatch'),
    ])
    expect(refused.out + refused.err).not.toContain(other)
  })
})
