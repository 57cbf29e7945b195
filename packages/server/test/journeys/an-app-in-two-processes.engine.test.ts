import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeApp } from '../../src/main/app/app-folder.test-kit.ts'
import { buildApp } from '../../src/main/app/build-app.ts'
import { type FreshDatabase, freshDatabase } from '../engines/databases.ts'
import { endAll } from '../program.ts'
import { type Hosted, openHosted } from './hosted.ts'

const app = {
  'app.ts': `
import { app, perms } from '@quarterdeck/sdk/functions'
const all = { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } }
export default app({ groups: { services: all } })
`,
  'tables.ts': `
import { table } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
export const counts = table('counts', { schema: z.object({ count: z.number() }), rows: 'shared' })
declare module '@quarterdeck/sdk/functions' { interface Register { tables: typeof import('./tables.ts') } }
`,
  'functions/counts.ts': `
import { backend, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
export const read = backend({ args: [z.string()], perm: perms.R__ }, async (ctx, id) =>
  (await ctx.tables.counts.get(id))?.count ?? 0)
export const sweep = backend(
  { perm: perms.RW_, cron: '* * * * *', elevate: { counts: perms.RW_ }, deadlineMs: 60_000 },
  async (ctx) => {
    const before = await ctx.tables.counts.get('ticks')
    ctx.log.info('sweep begins')
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    await ctx.tables.counts.set('ticks', { count: (before?.count ?? 0) + 1 })
  },
)
`,
  'migrations/0001_begin.ts': `
import type { Context } from '@quarterdeck/sdk/functions'
export async function up(tables: Context['tables']) {
  const before = await tables.counts.get('migrated')
  await tables.counts.set('migrated', { count: (before?.count ?? 0) + 1 })
}
`,
}

describe('an app in two hosted processes', { timeout: 240_000 }, () => {
  let database: FreshDatabase
  let folder: string
  let servers: Hosted[]
  beforeEach(async () => {
    database = await freshDatabase()
    folder = writeApp(app)
    await buildApp({ folder, out: join(folder, 'dist') })
    const settings = { CONSOLE_APP: join(folder, 'dist'), CONSOLE_LOG_LEVEL: 'info' }
    servers = [await openHosted(database.url, settings), await openHosted(database.url, settings)]
  })
  afterEach(async () => {
    for (const server of servers) await server.end()
    await endAll()
    await database.drop()
    rmSync(dirname(folder), { recursive: true, force: true })
  })
  async function sql(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }
  const [one, other] = [() => servers[0] as Hosted, () => servers[1] as Hosted]

  it('is migrated once by two commands, and each tick of its schedule is committed once, whoever is killed', async () => {
    expect(await one().ask('/rpc/read', ['migrated'])).toMatchObject({
      status: 503,
      body: { code: 'not_migrated' },
    })
    const done = await Promise.all(servers.map(({ command }) => command(['migrate', 'up'])))
    expect(done.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ])
    expect(done.filter(({ out }) => out.includes('applied 0001_begin for default'))).toHaveLength(1)
    await expect
      .poll(() => other().ask('/rpc/read', ['migrated']), { timeout: 10_000 })
      .toEqual({ status: 200, body: { result: 1 } })
    expect((await one().command(['migrate', '--status'])).out).toMatch(/0001_begin +applied +default/)

    // Whoever begins the first tick is killed within it; the other lives on, and takes it up when the lease has run out.
    const begun = () => servers.find(({ server }) => server.said().includes('sweep begins'))
    await expect.poll(begun, { timeout: 75_000, interval: 200 }).toBeDefined()
    const victim = begun()
    const survivor = victim === one() ? other() : one()
    expect(survivor.server.said()).not.toContain('sweep begins')
    expect(await sql(`select sid from commits where sid like 'cron:%'`)).toEqual([])
    await victim?.server.kill()
    const ticks = async () =>
      (await sql(`select sid from commits where sid like 'cron:%' order by number`)).map(({ sid }) => sid)
    await expect.poll(ticks, { timeout: 60_000, interval: 200 }).not.toEqual([])
    const committed = await ticks()
    expect(committed[0]).toMatch(/^cron:sweep:\d{4}-\d\d-\d\dT\d\d:\d\dZ$/)
    const result = new Set(committed).size
    expect(await survivor.ask('/rpc/read', ['ticks'])).toEqual({ status: 200, body: { result } })
  })
})
