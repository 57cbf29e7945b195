import { randomUUID } from 'node:crypto'
import { app, backend, fault, perms, table } from '@quarterdeck/sdk/functions'
import type { CallerInfo } from '@quarterdeck/sdk/functions/context'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { lossyTables } from '../calls/lossy-tables.test-kit.ts'
import { codeOf, member, runtimeOf, settled, standingClock, tableIn } from '../runtime.test-kit.ts'

const ann = member('ann', 'member')
const bob = member('bob', 'member')
const other = { ...ann, tenant: 'other' }

function start() {
  const clock = standingClock()
  const { tables, network } = lossyTables(memoryTables({ now: clock.now, randomId: randomUUID }))
  const engines = { tables, keep: memoryKeep({ now: clock.now }) }
  const lines = table('lines', {
    schema: z.object({ text: z.string() }),
    rows: 'shared',
    indexes: { byText: { on: ['text'], unique: true } },
  })
  const gate = { wait: async () => {}, after: [] as string[], ran: 0 }
  const functions = {
    put: backend({ args: [z.string(), z.string()], perm: perms.RW_ }, async (ctx, id, text) => {
      gate.ran += 1
      await tableIn(ctx, 'lines').set(id, { text })
      ctx.after(() => gate.after.push(id))
      await gate.wait()
      if (text === 'bad') throw fault('invalid')
    }),
    get: backend({ args: [z.string()], perm: perms.R__ }, async (ctx, id) => {
      return (await tableIn(ctx, 'lines').get(id))?.text ?? null
    }),
    many: backend({ args: [z.number()], perm: perms._W_ }, async (ctx, count) => {
      for (let n = 0; n < count; n += 1) await tableIn(ctx, 'lines').push({ text: ctx.id() })
    }),
    strict: backend({ perm: perms._W_, isolation: 'serializable' }, () => 'strict'),
  }
  const group = { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } }
  const loaded = loadedAppOf({ app: app({ groups: { member: group } }), tables: [lines], functions })
  const node = () => {
    const runtime = runtimeOf(loaded, engines, { clock })
    const { sessions } = runtime.runner
    const tell = async <Result>(run: Promise<Result>) => run.catch(codeOf)
    return {
      ...runtime,
      begin: async (caller: CallerInfo = ann, isolation: 'snapshot' | 'serializable' = 'snapshot') =>
        (await sessions.begin(caller, isolation)).sessionId,
      commit: (sid: string, caller: CallerInfo = ann) => tell(sessions.commit(caller, sid)),
      abort: (sid: string, caller: CallerInfo = ann) => tell(sessions.abort(caller, sid)),
      within: (sid: string, fn: string, args: unknown[], caller: CallerInfo = ann, key?: string) =>
        runtime.tell(caller, fn, args, {
          sessionId: sid,
          ...(key === undefined ? {} : { idempotencyKey: key }),
        }),
    }
  }
  return { ...node(), node, gate, clock, tables, network }
}

describe('a session', () => {
  it('is one snapshot and one buffer across calls, committed as one', async () => {
    const { begin, within, commit, tell } = start()
    await tell(ann, 'put', ['seen', 'before'])
    const sid = await begin()
    await tell(ann, 'put', ['late', 'after'])
    expect(await within(sid, 'put', ['a', 'one'])).toBeUndefined()
    expect(await within(sid, 'get', ['a'])).toBe('one')
    expect(await within(sid, 'get', ['seen'])).toBe('before')
    expect(await within(sid, 'get', ['late'])).toBeNull()
    expect(await tell(ann, 'get', ['a'])).toBeNull()
    expect(await commit(sid)).toEqual({ number: 3 })
    expect(await tell(ann, 'get', ['a'])).toBe('one')
  })

  it('moves between nodes', async () => {
    const { begin, within, node, tell } = start()
    const sid = await begin()
    await within(sid, 'put', ['a', 'one'])
    const second = node()
    expect(await second.within(sid, 'get', ['a'])).toBe('one')
    await second.within(sid, 'put', ['b', 'two'])
    expect(await node().commit(sid)).toEqual({ number: 1 })
    expect([await tell(ann, 'get', ['a']), await tell(ann, 'get', ['b'])]).toEqual(['one', 'two'])
  })

  it('is nobody else’s: unknown, expired and foreign are one', async () => {
    const { begin, within, commit, abort, clock } = start()
    const sid = await begin()
    for (const caller of [bob, other]) {
      expect(await within(sid, 'get', ['a'], caller)).toBe('not_found')
      expect(await commit(sid, caller)).toBe('not_found')
      expect(await abort(sid, caller)).toBe('not_found')
    }
    for (const odd of ['absent', '', 'x'.repeat(200)]) {
      expect(await within(odd, 'get', ['a'])).toBe('not_found')
      expect(await commit(odd)).toBe('not_found')
    }
    clock.pass(30_001)
    expect(await within(sid, 'get', ['a'])).toBe('not_found')
    expect(await commit(sid)).toBe('not_found')
  })

  it('drops what a call wrote that failed, and goes on', async () => {
    const { begin, within, commit, tell, clock } = start()
    const sid = await begin()
    await within(sid, 'put', ['a', 'one'])
    clock.pass(20_000)
    expect(await within(sid, 'put', ['b', 'bad'])).toBe('invalid')
    clock.pass(20_000)
    expect(await within(sid, 'get', ['b'])).toBeNull()
    expect(await commit(sid)).toEqual({ number: 1 })
    expect([await tell(ann, 'get', ['a']), await tell(ann, 'get', ['b'])]).toEqual(['one', null])
  })

  it('ends after 30 s without a call, and after 5 minutes', async () => {
    const { begin, within, clock } = start()
    const idle = await begin()
    clock.pass(29_999)
    expect(await within(idle, 'get', ['a'])).toBeNull()
    clock.pass(30_001)
    expect(await within(idle, 'get', ['a'])).toBe('not_found')
    const long = await begin()
    for (let n = 0; n < 14; n += 1) {
      clock.pass(20_000)
      expect(await within(long, 'get', ['a'])).toBeNull()
    }
    clock.pass(20_001)
    expect(await within(long, 'get', ['a'])).toBe('not_found')
  })

  it('runs one call at a time, on one node and on two', async () => {
    const { begin, within, node, gate, commit, abort, tell } = start()
    const sid = await begin()
    let go = () => {}
    gate.wait = () => new Promise<void>((resolve) => (go = resolve))
    const first = within(sid, 'put', ['a', 'one'])
    await settled()
    for (const act of [() => within(sid, 'get', ['a']), () => commit(sid), () => abort(sid)])
      expect(await act()).toBe('session_busy')
    expect(await node().within(sid, 'get', ['a'])).toBeNull()
    go()
    expect(await first).toBe('session_busy')
    expect(await commit(sid)).toEqual({ number: null })
    expect(await tell(ann, 'get', ['a'])).toBeNull()
  })

  it('is not tried again after a conflict', async () => {
    const { begin, within, commit, tell, gate } = start()
    const sid = await begin()
    await within(sid, 'get', ['a'])
    await within(sid, 'put', ['a', 'mine'])
    await tell(ann, 'put', ['a', 'theirs'])
    expect(gate.ran).toBe(2)
    expect(await commit(sid)).toBe('write_conflict')
    expect(gate.ran).toBe(2)
    expect(await commit(sid)).toBe('not_found')
    expect(await tell(ann, 'get', ['a'])).toBe('theirs')
  })

  it('ends when its commit is refused', async () => {
    const { begin, within, commit, tell, tables, permitted } = start()
    await tell(ann, 'put', ['x', 'taken'])
    const clash = await begin()
    await within(clash, 'put', ['y', 'taken'])
    expect(await commit(clash)).toBe('unique_violation lines')
    expect(await commit(clash)).toBe('not_found')
    const held = await begin()
    await within(held, 'put', ['z', 'free'])
    await tables.restrict('t', 'lines', 4)
    permitted.forget('t')
    expect(await commit(held)).toBe('forbidden lines')
  })

  it('answers a repeated commit again, to its principal alone', async () => {
    const { begin, within, commit, node } = start()
    const sid = await begin()
    await within(sid, 'put', ['a', 'one'])
    expect(await commit(sid)).toEqual({ number: 1 })
    expect(await node().commit(sid)).toEqual({ number: 1 })
    expect(await commit(sid, bob)).toBe('not_found')
    expect(await within(sid, 'get', ['a'])).toBe('not_found')
    const empty = await begin()
    expect(await commit(empty)).toEqual({ number: null })
    expect(await node().commit(empty)).toEqual({ number: null })
    expect(await commit(empty, bob)).toBe('not_found')
  })

  it('is committed once though the answer was lost', async () => {
    const { begin, within, commit, network } = start()
    const sid = await begin()
    await within(sid, 'put', ['a', 'one'])
    network.next = 'answer'
    network.away = true
    expect(await commit(sid)).toBe('outcome_unknown')
    network.away = false
    expect(await commit(sid)).toEqual({ number: 1 })
  })

  it('is dropped on request', async () => {
    const { begin, within, abort, commit, tell } = start()
    const sid = await begin()
    await within(sid, 'put', ['a', 'one'])
    expect(await abort(sid)).toBeUndefined()
    expect(await abort(sid)).toBe('not_found')
    expect(await commit(sid)).toBe('not_found')
    expect(await tell(ann, 'get', ['a'])).toBeNull()
  })

  it('repeats a call under its key without writing twice', async () => {
    const { begin, within, commit, gate } = start()
    const sid = await begin()
    await within(sid, 'put', ['a', 'one'], ann, 'k')
    expect(await within(sid, 'put', ['a', 'one'], ann, 'k')).toBeUndefined()
    expect(gate.ran).toBe(1)
    expect(await within(sid, 'put', ['a', 'two'], ann, 'k')).toBe('idempotency_mismatch')
    expect(await commit(sid)).toEqual({ number: 1 })
  })

  it('goes on after a call that was ended and whose handler never ends', async () => {
    const { begin, within, commit, gate, clock, tell } = start()
    const sid = await begin()
    await within(sid, 'put', ['a', 'one'])
    gate.wait = () => new Promise(() => {})
    const ended = within(sid, 'put', ['b', 'two'])
    await settled()
    expect(await commit(sid)).toBe('session_busy')
    clock.pass(10_000)
    expect(await ended).toBe('deadline_exceeded')
    await settled()
    expect(await commit(sid)).toEqual({ number: 1 })
    expect([await tell(ann, 'get', ['a']), await tell(ann, 'get', ['b'])]).toEqual(['one', null])
  })

  it('does not run a call as of the past', async () => {
    const { begin, tell } = start()
    const sid = await begin()
    expect(await tell(ann, 'get', ['a'], { sessionId: sid, asOf: 0 })).toBe('invalid')
  })

  it('has the limits of one transaction', async () => {
    const { begin, within, commit } = start()
    const sid = await begin()
    expect(await within(sid, 'many', [600])).toBeUndefined()
    expect(await within(sid, 'many', [401])).toBe('transaction_too_large')
    expect(await within(sid, 'many', [400])).toBeUndefined()
    expect(await commit(sid)).toEqual({ number: 1 })
  })

  it('keeps what its functions were promised of isolation', async () => {
    const { begin, within } = start()
    expect(await within(await begin(), 'strict', [])).toBe('invalid')
    expect(await within(await begin(ann, 'serializable'), 'strict', [])).toBe('strict')
  })

  it('does what its calls wanted done after the commit, and only then', async () => {
    const { begin, within, commit, abort, gate } = start()
    const sid = await begin()
    await within(sid, 'put', ['a', 'one'])
    await within(sid, 'put', ['b', 'bad'])
    const dropped = await begin()
    await within(dropped, 'put', ['c', 'three'])
    await abort(dropped)
    expect(gate.after).toEqual([])
    await commit(sid)
    await settled()
    expect(gate.after).toEqual(['a'])
  })

  it('is one of 20 of a principal', async () => {
    const { begin, abort } = start()
    const open = []
    for (let n = 0; n < 20; n += 1) open.push(await begin())
    await expect(begin()).rejects.toMatchObject({ code: 'rate_limited', members: { retryAfter: 30 } })
    expect(await begin(bob)).toMatch(/./)
    await abort(open[0] ?? '')
    expect(await begin()).toMatch(/./)
  })
})
