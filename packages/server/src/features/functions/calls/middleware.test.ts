import { randomUUID } from 'node:crypto'
import { app, backend, fault, http, perms, table } from '@quarterdeck/sdk/functions'
import type { Middleware } from '@quarterdeck/sdk/functions/app'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { member, runtimeOf, standingClock, tableIn } from '../runtime.test-kit.ts'

const ann = member('ann', 'member')

function start(middleware: readonly Middleware[]) {
  const clock = standingClock()
  const engines = {
    tables: memoryTables({ now: clock.now, randomId: randomUUID }),
    keep: memoryKeep({ now: clock.now }),
  }
  const lines = table('lines', { schema: z.object({ text: z.string() }), rows: 'shared' })
  let ran = 0
  const functions = {
    add: backend({ args: [z.string()], perm: perms._W_, egroup: 'desk' }, async (ctx, text) => {
      ran += 1
      // The first try of a call is overtaken.
      if (ran === 1) {
        const other = engines.tables.begin({ tenant: 't' })
        other.set('lines', text, { text: 'other' }, 'bob')
        await tableIn(ctx, 'lines').get(text)
        await other.commit()
      }
      await tableIn(ctx, 'lines').set(text, { text })
      return 'added'
    }),
    count: backend({ perm: perms.R__, egroup: 'desk' }, async (ctx) => {
      return (await tableIn(ctx, 'lines').query()).rows.length
    }),
    page: backend({ perm: perms.R__ }, () => http(200, 'page')),
    fails: backend({ perm: perms.R__ }, async () => {
      throw fault('not_found')
    }),
  }
  const group = { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } }
  const loaded = loadedAppOf({
    app: app({ groups: { member: group }, middleware }),
    tables: [lines],
    functions,
  })
  return { ...runtimeOf(loaded, engines, { clock }), ran: () => ran }
}

describe('middleware', () => {
  it('runs once a request in the order of the app, around all attempts, and sees the result', async () => {
    const told: unknown[] = []
    const says = (name: string): Middleware => ({
      async fn({ fn, egroup, args, actor, requestId }, next) {
        told.push([name, fn, egroup, args, actor.principal, requestId])
        told.push([name, await next()])
        return 'nobody is told this'
      },
    })
    const { tell, ran } = start([says('outer'), says('inner')])
    expect(await tell(ann, 'add', ['a'])).toBe('added')
    expect(ran()).toBe(2)
    expect(told).toEqual([
      ['outer', 'add', 'desk', ['a'], 'ann', 'r'],
      ['inner', 'add', 'desk', ['a'], 'ann', 'r'],
      ['inner', 'added'],
      ['outer', 'added'],
    ])
    expect(await tell(ann, 'page')).toMatchObject({ status: 200, body: 'page' })
    expect(told.at(-1)).toMatchObject(['outer', { body: 'page' }])
  })

  it('runs where all of its filter holds', async () => {
    const told: string[] = []
    const says = (name: string, filter: Middleware['filter'] & object): Middleware => ({
      filter,
      fn: (_ctx, next) => {
        told.push(name)
        return next()
      },
    })
    const { tell } = start([
      says('none', {}),
      says('prefix', { prefixurl: '/rpc/c' }),
      says('group', { egroup: 'desk' }),
      says('names', { endpoints: ['add', 'page'] }),
      says('all', { prefixurl: '/rpc/', egroup: 'desk', endpoints: ['count'] }),
      says('but one', { prefixurl: '/rpc/', egroup: 'default', endpoints: ['count'] }),
    ])
    await tell(ann, 'count')
    expect(told).toEqual(['none', 'prefix', 'group', 'all'])
    told.length = 0
    await tell(ann, 'page')
    expect(told).toEqual(['none', 'names'])
  })

  it('refuses by throwing or by going no further, and grants nothing', async () => {
    const { tell, records } = start([
      {
        filter: { endpoints: ['add'] },
        fn() {
          throw fault('rate_limited')
        },
      },
      { filter: { endpoints: ['page'] }, fn: () => 'mine' },
      { filter: { endpoints: ['count'] }, fn: (_ctx, next) => next().catch(() => 'granted') },
    ])
    expect(await tell(ann, 'add', ['a'])).toBe('rate_limited')
    expect(await tell(ann, 'page')).toBe('forbidden')
    expect(await tell(ann, 'count', ['too many'])).toBe('invalid')
    expect(await tell(member('bob'), 'count')).toBe('forbidden')
    expect(await tell(ann, 'count')).toBe(0)
    expect(records.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'refused', 'refused', 'ok'])
  })

  it('may not go on twice, and shows nothing of how it broke', async () => {
    const { tell, ran, logged } = start([
      {
        filter: { endpoints: ['add'] },
        async fn(_ctx, next) {
          await next()
          await next()
        },
      },
      {
        filter: { endpoints: ['count'] },
        fn() {
          throw new RangeError('secret')
        },
      },
    ])
    expect(await tell(ann, 'add', ['a'])).toBe('internal')
    expect(ran()).toBe(2)
    expect(await tell(ann, 'count')).toBe('internal')
    expect(JSON.stringify(logged)).toContain('RangeError')
    expect(JSON.stringify(logged)).not.toContain('secret')
  })

  it('that does not wait for what it lets through has it waited for, and no failure is left to nobody', async () => {
    const stray: unknown[] = []
    const note = (error: unknown) => stray.push(error)
    process.on('unhandledRejection', note)
    const hasty = start([
      {
        async fn(_ctx, next) {
          void next()
        },
      },
    ])
    expect(await hasty.tell(ann, 'add', ['a'])).toBe('added')
    expect(await hasty.tell(ann, 'count')).toBe(1)
    const refusing = start([
      {
        async fn(_ctx, next) {
          void next()
          throw fault('forbidden')
        },
      },
    ])
    expect(await refusing.tell(ann, 'fails')).toBe('forbidden')
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(stray).toEqual([])
  })

  it('is ended by the deadline of the call', async () => {
    const { tell, clock } = start([{ fn: () => new Promise(() => {}) }])
    const call = tell(ann, 'count', [], { deadlineMs: 10 })
    clock.pass(10)
    expect(await call).toBe('deadline_exceeded')
  })

  it('is not asked about a repeat', async () => {
    let asked = 0
    const { tell } = start([
      {
        fn: (_ctx, next) => {
          asked += 1
          return next()
        },
      },
    ])
    await tell(ann, 'add', ['a'], { idempotencyKey: 'k' })
    expect(await tell(ann, 'add', ['a'], { idempotencyKey: 'k' })).toBe('added')
    expect(asked).toBe(1)
  })
})
