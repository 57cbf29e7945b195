import { randomUUID } from 'node:crypto'
import { app, backend, type Context, fault, http, perms, table } from '@quarterdeck/sdk/functions'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { codeOf, member, runtimeOf, settled, standingClock, tableIn } from '../runtime.test-kit.ts'

const ann = member('ann', 'member')
const guest = member('guest', 'guest')

const ledger = table('ledger', { schema: z.object({ sum: z.number() }) })

const peek = backend({ args: [z.coerce.number()], perm: perms.R__, egroup: 'office' }, async (ctx, n) => {
  return [n, ctx.actor.principal, await tableIn(ctx, 'ledger').get('a').catch(codeOf)]
})
const book = backend(
  { args: [z.string()], perm: perms._W_, internal: true, elevate: { ledger: perms.RW_ } },
  async (ctx, id) => {
    await tableIn(ctx, 'ledger').set(id, { sum: 1 })
    return ctx.call(peek, '5')
  },
)
const typed = backend({ perm: perms.R__, result: z.string() }, () => 5 as unknown as string)
const page = backend({ perm: perms.R__ }, () => http(200, 'page'))
const strange = backend({ perm: perms.R__ }, () => 'strange')
const again: ReturnType<typeof backend> = backend({ perm: perms.R__ }, (ctx): unknown => ctx.call(again))

function start(more: Parameters<typeof runtimeOf>[2] = {}) {
  const clock = standingClock()
  const engines = {
    tables: memoryTables({ now: clock.now, randomId: randomUUID }),
    keep: memoryKeep({ now: clock.now }),
  }
  let body: (ctx: Context) => unknown = () => undefined
  const functions = {
    act: backend({ perm: perms.RW_ }, (ctx) => body(ctx)),
    look: backend({ perm: perms.R__ }, (ctx) => body(ctx)),
    ...{ peek, book, typed, page, again },
  }
  const groups = {
    member: { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } },
    guest: { endpoints: { default: perms.RWX } },
  }
  const loaded = loadedAppOf({ app: app({ groups }), tables: [ledger], functions })
  const runtime = runtimeOf(loaded, engines, { ...more, clock })
  const act = (what: typeof body, caller = ann, fn = 'act') => {
    body = what
    return runtime.tell(caller, fn)
  }
  return { ...runtime, ...engines, act }
}

describe('ctx.call', () => {
  it('runs another function in the same transaction, with its arguments parsed', async () => {
    const { act } = start()
    expect(
      await act(async (ctx) => {
        await tableIn(ctx, 'ledger').set('a', { sum: 7 })
        return ctx.call(peek, 3)
      }),
    ).toEqual([3, 'ann', { id: 'a', sum: 7 }])
    expect(await act((ctx) => ctx.call(peek, 'x'))).toBe('invalid')
    expect(await act((ctx) => (ctx.call as (...args: unknown[]) => unknown)(peek, 1, 2))).toBe('invalid')
    expect(await act((ctx) => ctx.call(typed))).toBe('result_invalid')
    expect(await act((ctx) => ctx.call(page))).toMatchObject({ status: 200, body: 'page' })
  })

  it('asks for the bits of public functions again; what is lent to one is lent to no other', async () => {
    const { act, tables } = start()
    expect(await act((ctx) => ctx.call(peek, 1), guest)).toBe('forbidden')
    // Lent to `book` alone: the function that it calls has nothing of it.
    const seen = await act((ctx) => ctx.call(book, 'a').catch(codeOf), guest)
    expect(seen).toBe('forbidden')
    expect(await act((ctx) => ctx.call(book, 'b'), ann)).toEqual([5, 'ann', null])
    expect(await act((ctx) => tableIn(ctx, 'ledger').get('b'), guest)).toBe('forbidden ledger')
    expect((await tables.begin({ tenant: 't' }).get('ledger', 'a'))?.owner).toBe('guest')
  })

  it('does not let what only reads write', async () => {
    const { act } = start()
    expect(await act((ctx) => ctx.call(book, 'a'), ann, 'look')).toBe('forbidden ledger')
  })

  it('takes functions of this app, and ends', async () => {
    const { act, tell, logged } = start()
    expect(await act((ctx) => ctx.call(strange))).toBe('internal')
    expect(await tell(ann, 'again')).toBe('internal')
    expect(logged.length).toBeGreaterThan(0)
  })
})

describe('ctx', () => {
  it('says who calls, one instant, and new ids', async () => {
    const { act, clock } = start()
    const before = clock.at
    const said = await act((ctx) => {
      const first = ctx.now()
      clock.pass(50)
      return {
        actor: ctx.actor,
        same: first.getTime() === ctx.now().getTime(),
        at: first,
        ids: [ctx.id(), ctx.id()],
      }
    })
    expect(said).toMatchObject({ actor: ann, same: true, at: new Date(before).toISOString() })
    const [one, two] = (said as { ids: string[] }).ids
    expect(one).not.toBe(two)
    expect(Number.parseInt((one ?? '').replace('-', '').slice(0, 12), 16)).toBe(clock.at)
  })

  it('keeps values for a while in a cache of the tenant', async () => {
    const { act, clock, runner } = start()
    await act(async (ctx) => {
      await ctx.cache.set('short', { a: 1n }, { ttlMs: 1_000 })
      await ctx.cache.set('hour', [1])
      await ctx.cache.set(`long${'x'.repeat(2_000)}\u0000`, 'odd')
      await ctx.cache.set('gone', 1)
      await ctx.cache.delete('gone')
    })
    const read = (ctx: Context) => Promise.all(['short', 'hour', 'gone'].map((key) => ctx.cache.get(key)))
    expect(await act((ctx) => ctx.cache.get(`long${'x'.repeat(2_000)}\u0000`))).toBe('odd')
    expect(await act(read)).toEqual([{ a: '1' }, [1], undefined])
    clock.pass(1_000)
    expect(await act(read)).toEqual([undefined, [1], undefined])
    clock.pass(3_600_000)
    expect(await act(read)).toEqual([undefined, undefined, undefined])
    await act((ctx) => ctx.cache.set('hour', 2))
    const foreign = await runner.call({
      ...{ fn: 'act', args: [], caller: { ...ann, tenant: 'other' }, requestId: 'r' },
      signal: new AbortController().signal,
    })
    expect(foreign.answer).toEqual({})
    expect(await act((ctx) => ctx.cache.set('big', 'x'.repeat(2 ** 21)))).toBe('invalid')
  })

  it('does afterwards what was wanted, once it is committed, in order, and goes on after a failure', async () => {
    const { act, logged } = start()
    const done: string[] = []
    await act((ctx) => {
      ctx.after(async () => {
        done.push('first')
        throw new RangeError('secret')
      })
      ctx.after(() => done.push('second'))
      expect(done).toEqual([])
    })
    await settled()
    expect(done).toEqual(['first', 'second'])
    expect(JSON.stringify(logged)).toContain('RangeError')
    expect(JSON.stringify(logged)).not.toContain('secret')
    await act((ctx) => {
      ctx.after(() => done.push('never'))
      throw fault('invalid')
    })
    await settled()
    expect(done).toHaveLength(2)
  })

  it('logs under the name of the function and the request', async () => {
    const { act, logged } = start()
    await act((ctx) => ctx.log.info('hello', { n: 1, function: 'forged' }))
    expect(logged).toEqual([{ message: 'hello', fields: { n: 1, function: 'act', requestId: 'r' } }])
  })
})
