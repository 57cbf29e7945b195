import { backend, perms } from '@quarterdeck/sdk/functions'
import { table } from '@quarterdeck/sdk/functions/table'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep, memoryShelf } from '../../../adapters/memory/keep.ts'
import { type MemoryTablesStore, memoryTables } from '../../../adapters/memory/tables.ts'
import { noMeter } from '../../../core/meter.ts'
import { noTracer } from '../../../core/tracer.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { createRunner } from '../calls/runner.ts'
import { createPermitted } from '../rights/permitted.ts'
import type { CallRecord } from '../runner.ts'
import { createSchedules } from './schedules.ts'

const quiet = { info() {}, warn() {}, error() {} }
const minutes = 3

let clock: number
let store: MemoryTablesStore
let shelf: ReturnType<typeof memoryShelf>
let recorded: CallRecord[]
beforeEach(() => {
  clock = Date.parse('2026-11-21T11:59:30Z')
  store = new Map()
  shelf = memoryShelf()
  recorded = []
})

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 10))

/** A process with its runner and its schedules; `waits` is what each run does between its read and its write. */
function processOf(name: string, waits: () => Promise<void> = async () => undefined) {
  const effects: string[] = []
  const app = loadedAppOf({
    tables: [table('ticks', { schema: z.object({ count: z.number() }), rows: 'own' })],
    functions: {
      sweep: backend({ perm: perms.RW_, cron: '* * * * *', elevate: { ticks: perms.RW_ } }, async (ctx) => {
        const { ticks } = ctx.tables
        const before = (await ticks?.get('all')) as { count: number } | null | undefined
        await waits()
        await ticks?.set('all', { count: (before?.count ?? 0) + 1 })
        ctx.after(() => effects.push(name))
      }),
      idle: backend({ perm: perms.R__, cron: '* * * * *' }, () => undefined),
    },
  })
  const now = () => clock
  const tables = memoryTables({ now, randomId: () => crypto.randomUUID(), store })
  const keep = memoryKeep({ now, shelf })
  const pause = async () => undefined
  const runner = createRunner({
    app: () => app,
    tables,
    keep,
    permitted: createPermitted({ tables, now }),
    hosted: false,
    concurrency: 4,
    switchedOff: () => false,
    record: (call) => void recorded.push(call),
    meter: noMeter,
    tracer: noTracer,
    log: quiet,
    now,
    elapsed: now,
    random: () => 0,
    randomBytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
    pause,
    after: () => () => undefined,
  })
  const { job, stop } = createSchedules({
    app: () => app,
    runner,
    keep,
    process: name,
    tenants: async () => ['acme'],
    now,
    // A process that is stopped renews no lease.
    pause: () => new Promise(() => undefined),
  })
  return {
    tables,
    effects,
    stop,
    async look() {
      await job.run()
      await settled()
    },
  }
}

async function stored(tables: ReturnType<typeof processOf>['tables']) {
  const row = await tables.begin({ tenant: 'acme' }).get('ticks', 'all')
  const sids = [...(store.get('acme')?.commits.keys() ?? [])].filter((sid) => sid.startsWith('cron:sweep:'))
  return { row: row?.data ?? null, owner: row?.owner, sids: sids.sort() }
}

describe('a schedule in two processes over one store', () => {
  it('commits once a tick, as the function itself, with what is lent to it', async () => {
    const [one, other] = [processOf('one'), processOf('other')]
    for (let minute = 0; minute < minutes; minute += 1) {
      clock += 60_000
      await Promise.all([one.look(), other.look()])
      clock += 1_000
      await Promise.all([one.look(), other.look()])
    }
    expect(await stored(one.tables)).toEqual({
      row: { count: minutes },
      owner: 'fn:sweep',
      sids: ['12:00', '12:01', '12:02'].map((at) => `cron:sweep:2026-11-21T${at}Z`),
    })
    expect(one.effects.length + other.effects.length).toBe(minutes)
    const runs = recorded.filter(({ fn }) => fn === 'idle')
    expect(runs).toHaveLength(minutes)
    expect(recorded.every(({ outcome, principal, fn }) => outcome === 'ok' && principal === `fn:${fn}`)).toBe(
      true,
    )
  })

  it('commits once when one stops midway, another takes over, and the first comes back', async () => {
    let comeBack = () => {}
    const stopped = new Promise<void>((resolve) => {
      comeBack = resolve
    })
    const one = processOf('one', () => stopped)
    const other = processOf('other')
    clock += 60_000
    await one.look()
    await other.look()
    expect(await stored(other.tables)).toMatchObject({ row: null })
    clock += 16_000
    await other.look()
    expect(await stored(other.tables)).toMatchObject({ row: { count: 1 } })
    comeBack()
    await settled()
    await one.look()
    expect(await stored(other.tables)).toMatchObject({
      row: { count: 1 },
      sids: ['cron:sweep:2026-11-21T12:00Z'],
    })
    expect([...one.effects, ...other.effects]).toEqual(['other'])
  })
})
