import { randomUUID } from 'node:crypto'
import { app, backend, perms, table } from '@quarterdeck/sdk/functions'
import type { CallerInfo } from '@quarterdeck/sdk/functions/context'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { codeOf, member, runtimeOf, settled, standingClock, tableIn } from '../runtime.test-kit.ts'

const ann = member('ann', 'member')

function start() {
  const clock = standingClock()
  const engines = {
    tables: memoryTables({ now: clock.now, randomId: randomUUID }),
    keep: memoryKeep({ now: clock.now }),
  }
  const schema = z.object({ text: z.string() })
  const shared = table('shared', { schema, rows: 'shared', indexes: { byText: { on: ['text'] } } })
  const own = table('own', { schema })
  const seen = { overtaken: 0, afters: 0, ran: 0 }
  const functions = {
    rows: backend({ args: [z.string()], perm: perms.R__, live: true }, async (ctx, text) => {
      ctx.after(() => {
        seen.afters += 1
      })
      await tableIn(ctx, 'shared').get('a')
      return (await tableIn(ctx, 'shared').query({ where: { text } })).rows
    }),
    mine: backend({ perm: perms.R__, live: true }, async (ctx) => (await tableIn(ctx, 'own').query()).rows),
    mineThen: backend(
      { perm: perms.R__, live: true },
      async (ctx) => (await ctx.tables.at(0).own?.query())?.rows,
    ),
    lent: backend({ perm: perms.R__, elevate: { own: perms.R__ } }, async (ctx) => {
      return (await tableIn(ctx, 'own').query()).rows.length
    }),
    groups: backend({ perm: perms.R__ }, (ctx) => ctx.actor.groups),
    who: backend({ perm: perms.R__ }, (ctx) => ctx.actor.principal),
    nothing: backend({ perm: perms.R__ }, () => undefined),
    put: backend({ args: [z.string(), z.string()], perm: perms._W_ }, (ctx, id, text) =>
      tableIn(ctx, 'shared').set(id, { text }),
    ),
    tickTock: backend({ perm: perms.RW_, cron: '* * * * *', elevate: { own: perms.RW_ } }, async (ctx) => {
      seen.ran += 1
      const before = await tableIn(ctx, 'own').get('count')
      if (seen.overtaken > 0) {
        seen.overtaken -= 1
        const tx = engines.tables.begin({ tenant: 't' })
        tx.set('own', 'count', { text: 'other' }, 'x')
        await tx.commit()
      }
      await tableIn(ctx, 'own').set('count', { text: `${before?.text ?? ''}.` })
      ctx.after(() => {
        seen.afters += 1
      })
      return [ctx.actor, await tableIn(ctx, 'shared').get('a').catch(codeOf)]
    }),
    idle: backend({ perm: perms.R__, cron: '* * * * *' }, () => {
      seen.ran += 1
    }),
  }
  const member = { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } }
  const loaded = loadedAppOf({ app: app({ groups: { member } }), tables: [shared, own], functions })
  const runtime = runtimeOf(loaded, engines, { clock })
  const { signal } = new AbortController()
  async function look(fn: string, args: readonly unknown[] = [], caller: CallerInfo = ann) {
    const told: unknown[] = []
    const notes = {
      row: (...said: unknown[]) => void told.push(['row', ...said]),
      rows: (...said: unknown[]) => void told.push(['rows', ...said]),
      personal: () => void told.push('personal'),
    }
    const given = await runtime.runner.look({ fn, args, caller, notes, signal })
    return { ...given, told }
  }
  const tick = (fn: string, sid: string) => runtime.runner.tick({ fn, tenant: 't', sid, signal })
  return { ...runtime, ...engines, seen, look, tick, loaded }
}

describe('a look', () => {
  it('answers the newest snapshot with its number, and notes what it read', async () => {
    const { look, tell, records, seen } = start()
    await tell(ann, 'put', ['a', 'x'])
    await tell(ann, 'put', ['b', 'y'])
    expect(await look('rows', ['x'])).toEqual({
      answer: { result: [{ id: 'a', text: 'x' }] },
      number: 2,
      told: [
        ['row', 'shared', 'a'],
        ['rows', 'shared', { text: 'x' }, null],
      ],
    })
    expect((await look('nothing')).number).toBe(2)
    await settled()
    expect(seen.afters).toBe(0)
    expect(records.map(({ fn }) => fn)).toEqual(['put', 'put'])
  })

  it('is personal when it asked who calls, or read rows that are own', async () => {
    const { look } = start()
    expect((await look('who')).told).toEqual(['personal'])
    expect((await look('groups')).told).toEqual([])
    expect((await look('mine')).told).toEqual(['personal', ['rows', 'own', {}, 'ann']])
    expect((await look('mineThen')).told).toEqual(['personal'])
    expect((await look('lent')).told).toEqual([['rows', 'own', {}, null]])
  })

  it('is of a function that does not write, with the caller’s rights on tables', async () => {
    const { look } = start()
    await expect(look('put', ['a', 'x'])).rejects.toMatchObject({ code: 'forbidden' })
    await expect(look('absent')).rejects.toMatchObject({ code: 'not_found' })
    await expect(look('rows')).rejects.toMatchObject({ code: 'invalid' })
    await expect(look('rows', ['x'], member('bob'))).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('a tick of a schedule', () => {
  it('commits once, as the function itself with what is lent to it alone', async () => {
    const { tick, tables, seen, records, counts } = start()
    expect(await tick('tickTock', 'cron:tickTock:1')).toBe(true)
    expect(await tick('tickTock', 'cron:tickTock:1')).toBe(false)
    expect(await tick('tickTock', 'cron:tickTock:2')).toBe(true)
    const row = await tables.begin({ tenant: 't' }).get('own', 'count')
    expect(row).toMatchObject({ data: { text: '..' }, owner: 'fn:tickTock' })
    await settled()
    expect(seen.afters).toBe(2)
    const remembered = await tables.recall('t', 'tick cron:tickTock:1')
    expect(remembered?.result).toEqual({
      result: [{ tenant: 't', principal: 'fn:tickTock', groups: [], class: 'service' }, 'forbidden shared'],
    })
    expect(records.map(({ fn, principal, outcome }) => [fn, principal, outcome])).toEqual([
      ['tickTock', 'fn:tickTock', 'ok'],
      ['tickTock', 'fn:tickTock', 'ok'],
    ])
    expect(counts.get('function_calls_total tickTock ok')).toBe(2)
  })

  it('is run again after a conflict, and once though it wrote nothing', async () => {
    const { tick, seen } = start()
    seen.overtaken = 1
    expect(await tick('tickTock', 's')).toBe(true)
    expect(seen.ran).toBe(2)
    expect(await tick('idle', 'i')).toBe(true)
    expect(await tick('idle', 'i')).toBe(false)
    expect(seen.ran).toBe(3)
  })

  it('commits once when two processes run it at once', async () => {
    const { tick, tables, keep, clock, loaded } = start()
    const other = runtimeOf(loaded, { tables, keep }, { clock })
    const { signal } = new AbortController()
    const both = await Promise.all([
      tick('tickTock', 's'),
      other.runner.tick({ fn: 'tickTock', tenant: 't', sid: 's', signal }),
    ])
    const row = await tables.begin({ tenant: 't' }).get('own', 'count')
    expect(row?.data).toEqual({ text: '.' })
    expect(both).toContain(true)
  })
})
