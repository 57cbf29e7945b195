import { randomUUID } from 'node:crypto'
import { app, backend, perms, table } from '@quarterdeck/sdk/functions'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import type { Tables } from '../../../ports/tables.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { member, runtimeOf, standingClock, tableIn } from '../runtime.test-kit.ts'

const ann = member('ann', 'member')
const counters = table('counters', {
  schema: z.object({ value: z.number(), name: z.string().optional() }),
  rows: 'shared',
  indexes: { byName: { on: ['name'], unique: true } },
})

/** A function that counts, and lets somebody else be first as often as `hurdles` says. */
function start(hurdles: number, retry: number, isolation: 'snapshot' | 'serializable' = 'snapshot') {
  const clock = standingClock()
  const tables: Tables = memoryTables({ now: clock.now, randomId: randomUUID })
  let left = hurdles
  let ran = 0
  const other = async (id: string) => {
    const tx = tables.begin({ tenant: 't' })
    await tx.get('counters', id)
    tx.set('counters', id, { value: 100 }, 'bob')
    await tx.commit()
  }
  const functions = {
    count: backend({ perm: perms.RW_, retry, isolation }, async (ctx) => {
      ran += 1
      const table = tableIn(ctx, 'counters')
      const before = Number((await table.get('one'))?.value ?? 0)
      await table.get('other')
      if (left > 0) {
        left -= 1
        await other(isolation === 'serializable' ? 'other' : 'one')
      }
      await table.set('one', { value: before + 1 })
      return before + 1
    }),
    name: backend({ args: [z.string(), z.string()], perm: perms._W_ }, (ctx, id, name) =>
      tableIn(ctx, 'counters').set(id, { value: 0, name }),
    ),
  }
  const group = { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } }
  const loaded = loadedAppOf({ app: app({ groups: { member: group } }), tables: [counters], functions })
  const runtime = runtimeOf(loaded, { tables, keep: memoryKeep({ now: clock.now }) }, { clock })
  return { ...runtime, tables, ran: () => ran }
}

describe('after a conflict a call', () => {
  it('runs again on a new snapshot, 10 to 200 ms later', async () => {
    const { tell, ran, clock, counts } = start(2, 3)
    const before = clock.at
    expect(await tell(ann, 'count')).toBe(101)
    expect(ran()).toBe(3)
    expect(clock.at - before).toBe(2 * (10 + 0.5 * 190))
    expect(counts.get('tables_commits_total conflict')).toBe(2)
    expect(counts.get('tables_commits_total committed')).toBe(1)
  })

  it('is refused when it has run as often as it may', async () => {
    const { tell, ran, records } = start(9, 1)
    expect(await tell(ann, 'count')).toBe('write_conflict')
    expect(ran()).toBe(2)
    expect(records[0]?.outcome).toBe('conflict')
    const never = start(9, 0)
    expect(await never.tell(ann, 'count')).toBe('write_conflict')
    expect(never.ran()).toBe(1)
  })

  it('counts what it only read where it is serializable', async () => {
    const { tell, ran } = start(1, 3, 'serializable')
    expect(await tell(ann, 'count')).toBe(1)
    expect(ran()).toBe(2)
  })

  it('does not run again past its deadline', async () => {
    const { tell, ran } = start(9, 5)
    expect(await tell(ann, 'count', [], { deadlineMs: 150 })).toBe('deadline_exceeded')
    expect(ran()).toBe(2)
  })
})

describe('a commit', () => {
  it('is refused once where a value is taken', async () => {
    const { tell, counts } = start(0, 3)
    expect(await tell(ann, 'name', ['a', 'x'])).toBeUndefined()
    expect(await tell(ann, 'name', ['b', 'x'])).toBe('unique_violation counters')
    expect(counts.get('tables_commits_total unique')).toBe(1)
  })

  it('is refused when the table was restricted meanwhile, by another process too', async () => {
    const { tell, tables, clock, counts } = start(0, 3)
    await tell(ann, 'count')
    await tables.restrict('t', 'counters', 4)
    expect(await tell(ann, 'count')).toBe('forbidden counters')
    expect(counts.get('tables_commits_total forbidden')).toBe(1)
    clock.pass(1_000)
    expect(await tell(ann, 'count')).toBe('forbidden counters')
    expect(counts.get('tables_commits_total forbidden')).toBe(1)
    await tables.restrict('t', 'counters', 7)
    clock.pass(1_000)
    expect(await tell(ann, 'count')).toBe(2)
  })
})
