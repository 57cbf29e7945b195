import { table } from '@quarterdeck/sdk/functions/table'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type MemoryTablesStore, memoryTables } from '../../../adapters/memory/tables.ts'
import type { Tables } from '../../../ports/tables.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import type { LoadedApp } from '../loaded-app.ts'
import { migrateApp } from './migrate-app.ts'

const tickets = table('tickets', {
  schema: z.object({ title: z.string(), rank: z.number().optional() }),
  rows: 'shared',
  permissions: 6,
  indexes: { byTitle: { on: ['title'], unique: true } },
})

let store: MemoryTablesStore
let tables: Tables
beforeEach(() => {
  store = new Map()
  tables = handle()
})
const handle = () => memoryTables({ now: () => 1_000, randomId: () => crypto.randomUUID(), store })

const waits: number[] = []
const needsOf = (app: LoadedApp, over: Tables = tables) => ({
  app,
  tables: over,
  newId: () => crypto.randomUUID(),
  pause: async (ms: number) => void waits.push(ms),
})

type Given = Parameters<Awaited<ReturnType<LoadedApp['migration']>>>[0]

const appOf = (migrations: Parameters<typeof loadedAppOf>[0]['migrations'] = {}) =>
  loadedAppOf({ tables: [tickets], functions: {}, migrations })

const first = async (given: Given) => given.tickets?.set('one', { title: 'First' })
/** Counts how often it is done. */
async function count(given: Given): Promise<void> {
  const rank = Number(((await given.tickets?.get('counter')) ?? { rank: 0 }).rank)
  await given.tickets?.set('counter', { title: 'Counter', rank: rank + 1 })
}
const read = async (id: string, tenant = 'acme') =>
  (await tables.begin({ tenant }).get('tickets', id))?.data ?? null

describe('the migrations of an app', () => {
  it('make its tables with what they permit, then take each step once', async () => {
    const app = appOf({ '0001_first': first, '0002_count': count })
    expect(await migrateApp(needsOf(app), 'acme')).toEqual({ applied: ['0001_first', '0002_count'] })
    expect(await tables.permissions('acme')).toEqual(new Map([['tickets', 6]]))
    expect(await migrateApp(needsOf(app), 'acme')).toEqual({ applied: [] })
    expect(await read('one')).toEqual({ title: 'First' })
    expect(await read('counter')).toMatchObject({ rank: 1 })
    expect([...(await tables.migrations('acme')).keys()]).toEqual(['0001_first', '0002_count'])
    expect(await read('one', 'bolt')).toBeNull()
  })

  it('take the steps that are new', async () => {
    await migrateApp(needsOf(appOf({ '0001_first': first })), 'acme')
    const app = appOf({ '0001_first': first, '0002_count': count, '0003_nothing': async () => undefined })
    expect(await migrateApp(needsOf(app), 'acme')).toEqual({ applied: ['0002_count', '0003_nothing'] })
    expect(await migrateApp(needsOf(app), 'acme')).toEqual({ applied: [] })
  })

  it('take each step once when two processes migrate at the same time', async () => {
    let arrived = 0
    let both = () => {}
    const together = new Promise<void>((resolve) => {
      both = resolve
    })
    const app = appOf({
      async '0001_count'(given) {
        await count(given)
        arrived += 1
        if (arrived === 2) both()
        await together
      },
    })
    const done = await Promise.all([handle(), handle()].map((one) => migrateApp(needsOf(app, one), 'acme')))
    expect(arrived).toBe(2)
    expect(done.flatMap(({ applied }) => applied)).toEqual(['0001_count'])
    expect(await read('counter')).toMatchObject({ rank: 1 })
  })

  it('go again when somebody else wrote what they read', async () => {
    let tries = 0
    const app = appOf({
      async '0001_count'(given) {
        tries += 1
        await count(given)
        if (tries > 2) return
        const other = tables.begin({ tenant: 'acme' })
        other.set('tickets', 'counter', { title: 'Counter', rank: 10 * tries }, 'ann')
        await other.commit()
      },
    })
    await migrateApp(needsOf(app), 'acme')
    expect(tries).toBe(3)
    expect(await read('counter')).toMatchObject({ rank: 21 })
  })

  it('leave nothing of a step that throws, and keep those before it', async () => {
    const app = appOf({
      '0001_first': first,
      async '0002_broken'(given) {
        await count(given)
        throw new Error('broken')
      },
    })
    await expect(migrateApp(needsOf(app), 'acme')).rejects.toThrow('broken')
    expect(await read('counter')).toBeNull()
    expect([...(await tables.migrations('acme')).keys()]).toEqual(['0001_first'])
  })

  it('are refused when one that was applied has changed', async () => {
    const app = appOf({ '0001_first': first, '0002_count': count })
    await migrateApp(needsOf(appOf({ '0001_first': first })), 'acme')
    const [step] = app.manifest.migrations
    const changed: LoadedApp = {
      ...app,
      manifest: {
        ...app.manifest,
        migrations: app.manifest.migrations.map((one) =>
          one === step ? { ...one, checksum: 'other' } : one,
        ),
      },
    }
    await expect(migrateApp(needsOf(changed), 'acme')).rejects.toMatchObject({
      code: 'not_migrated',
      message: expect.stringContaining('0001_first'),
    })
    expect(await read('counter')).toBeNull()
  })

  it('are refused when rows clash in a unique index', async () => {
    const tx = tables.begin({ tenant: 'acme' })
    for (const id of ['a', 'b']) tx.set('tickets', id, { title: 'Same' }, 'ann')
    await tx.commit()
    await expect(migrateApp(needsOf(appOf()), 'acme')).rejects.toMatchObject({ code: 'not_migrated' })
  })

  it('find out what became of a step whose answer was lost', async () => {
    const app = appOf({ '0001_count': count })
    const lossy: Tables = {
      ...tables,
      begin(options) {
        const tx = tables.begin(options)
        return {
          ...tx,
          async commit(meta) {
            await tx.commit(meta)
            return { state: 'unknown' }
          },
        }
      },
    }
    expect(await migrateApp(needsOf(app, lossy), 'acme')).toEqual({ applied: ['0001_count'] })
    expect(await read('counter')).toMatchObject({ rank: 1 })
    const gone: Tables = { ...lossy, settle: async () => ({ state: 'unknown' }) }
    await expect(migrateApp(needsOf(app, gone), 'bolt')).rejects.toMatchObject({ code: 'outcome_unknown' })
  })
})
