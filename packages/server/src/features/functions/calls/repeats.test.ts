import { randomUUID } from 'node:crypto'
import { app, backend, fault, http, perms, table } from '@quarterdeck/sdk/functions'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { member, runtimeOf, settled, standingClock, tableIn } from '../runtime.test-kit.ts'
import { lossyTables } from './lossy-tables.test-kit.ts'

const ann = member('ann', 'member')
const bob = member('bob', 'member')
const key = { idempotencyKey: 'k1' }
const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)])

function start() {
  const clock = standingClock()
  const { tables, network } = lossyTables(memoryTables({ now: clock.now, randomId: randomUUID }))
  const engines = { tables, keep: memoryKeep({ now: clock.now }) }
  const lines = table('lines', { schema: z.object({ text: z.string() }), rows: 'shared' })
  const gate = { wait: async () => {}, fails: false, ran: 0 }
  const functions = {
    add: backend({ args: [z.string()], perm: perms.RW_ }, async (ctx, text) => {
      gate.ran += 1
      await tableIn(ctx, 'lines').push({ text })
      await gate.wait()
      if (gate.fails) throw fault('invalid')
      return { text, count: (await tableIn(ctx, 'lines').query()).rows.length }
    }),
    nothing: backend({ perm: perms._W_ }, () => {
      gate.ran += 1
    }),
    page: backend({ perm: perms._W_ }, () => {
      gate.ran += 1
      return http(201, new Uint8Array([1, 2]), { 'x-a': 'b' })
    }),
    odd: backend({ args: [z.string()], perm: perms._W_ }, (_ctx, text) => {
      gate.ran += 1
      return JSON.parse(text) as unknown
    }),
    oddPage: backend({ perm: perms._W_ }, () => {
      gate.ran += 1
      return http(200, 'a\u0000b')
    }),
    count: backend({ perm: perms.R__ }, async (ctx) => {
      gate.ran += 1
      return (await tableIn(ctx, 'lines').query()).rows.length
    }),
  }
  const group = { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } }
  const loaded = loadedAppOf({ app: app({ groups: { member: group } }), tables: [lines], functions })
  const runtime = runtimeOf(loaded, engines, { clock })
  /** A second process on the same engines. */
  const other = () => runtimeOf(loaded, engines, { clock })
  return { ...runtime, gate, network, other, tables }
}

describe('a call repeated under its key', () => {
  it('has one effect and one answer, in any process', async () => {
    const { tell, call, gate, other } = start()
    expect(await tell(ann, 'add', ['a'], key)).toEqual({ text: 'a', count: 1 })
    expect(await tell(ann, 'add', ['a'], key)).toEqual({ text: 'a', count: 1 })
    expect(await other().tell(ann, 'add', ['a'], key)).toEqual({ text: 'a', count: 1 })
    expect((await call(ann, 'add', ['a'], key)).number).toBe(1)
    expect(gate.ran).toBe(1)
    expect(await tell(ann, 'count')).toBe(1)
  })

  it('may be tried anew after a call that was ended and whose handler never ends', async () => {
    const { tell, gate, clock } = start()
    gate.wait = () => new Promise(() => {})
    const ended = tell(ann, 'add', ['a'], key)
    await settled()
    expect(await tell(ann, 'add', ['a'], key)).toBe('idempotency_in_progress')
    clock.pass(10_000)
    expect(await ended).toBe('deadline_exceeded')
    gate.wait = async () => {}
    expect(await tell(ann, 'add', ['a'], key)).toEqual({ text: 'a', count: 1 })
  })

  it('has the answer that was given, whatever letters are in it', async () => {
    const { tell, call, gate } = start()
    const odd = ['a\u0000b', 'half \ud800', { '\u0000': 1 }, JSON.parse('{"__proto__":{"x":1}}'), deep(150)]
    for (const [n, value] of odd.entries()) {
      const asked = [JSON.stringify(value)]
      const mine = { idempotencyKey: `odd ${n}` }
      expect(await tell(ann, 'odd', asked, mine)).toEqual(value)
      expect(await tell(ann, 'odd', asked, mine)).toEqual(value)
    }
    const page = { idempotencyKey: 'odd page' }
    for (const _ of [1, 2])
      expect((await call(ann, 'oddPage', [], page)).answer).toMatchObject({ http: { body: 'a\u0000b' } })
    expect(gate.ran).toBe(odd.length + 1)
  })

  it('is told so when it brings other arguments', async () => {
    const { tell, gate } = start()
    await tell(ann, 'add', ['a'], key)
    expect(await tell(ann, 'add', ['b'], key)).toBe('idempotency_mismatch')
    expect(gate.ran).toBe(1)
  })

  it('is another call for another caller, function or key', async () => {
    const { tell, gate } = start()
    await tell(ann, 'add', ['a'], key)
    await tell(bob, 'add', ['a'], key)
    await tell(ann, 'add', ['a'], { idempotencyKey: 'k2' })
    await tell(ann, 'nothing', [], key)
    expect(await tell(ann, 'count')).toBe(3)
    expect(gate.ran).toBe(5)
  })

  it('is remembered though no document changed, and whatever the answer was', async () => {
    const { tell, call, gate } = start()
    expect((await call(ann, 'nothing', [], key)).number).toBe(1)
    expect((await call(ann, 'nothing', [], key)).answer).toEqual({})
    await tell(ann, 'page', [], key)
    expect((await call(ann, 'page', [], key)).answer).toEqual({
      http: { status: 201, headers: { 'x-a': 'b' }, body: new Uint8Array([1, 2]) },
    })
    expect(gate.ran).toBe(2)
  })

  it('is refused while it runs in this process', async () => {
    const { tell, gate } = start()
    let go = () => {}
    gate.wait = () => new Promise<void>((resolve) => (go = resolve))
    const first = tell(ann, 'add', ['a'], key)
    await settled()
    expect(await tell(ann, 'add', ['a'], key)).toBe('idempotency_in_progress')
    expect(await tell(ann, 'add', ['b'], key)).toBe('idempotency_mismatch')
    go()
    expect(await first).toEqual({ text: 'a', count: 1 })
  })

  it('has one effect when two processes run it at once', async () => {
    const { tell, gate, other } = start()
    const go: (() => void)[] = []
    gate.wait = () => new Promise<void>((resolve) => go.push(resolve))
    const both = [tell(ann, 'add', ['a'], key), other().tell(ann, 'add', ['a'], key)]
    await settled()
    for (const resume of go) resume()
    expect(await Promise.all(both)).toEqual([
      { text: 'a', count: 1 },
      { text: 'a', count: 1 },
    ])
    expect(gate.ran).toBe(2)
    expect(await tell(ann, 'count')).toBe(1)
  })

  it('runs anew after a failure', async () => {
    const { tell, gate } = start()
    gate.fails = true
    expect(await tell(ann, 'add', ['a'], key)).toBe('invalid')
    gate.fails = false
    expect(await tell(ann, 'add', ['a'], key)).toEqual({ text: 'a', count: 1 })
  })

  it('is nothing special where nothing is written', async () => {
    const { tell, gate } = start()
    await tell(ann, 'count', [], key)
    await tell(ann, 'count', [], key)
    expect(gate.ran).toBe(2)
  })
})

describe('a commit whose answer was lost', () => {
  it('is asked for, and answered as it ended', async () => {
    const { tell, network, gate } = start()
    network.next = 'answer'
    expect(await tell(ann, 'add', ['a'])).toEqual({ text: 'a', count: 1 })
    expect(network.settled).toBe(1)
    expect(gate.ran).toBe(1)
  })

  it('is run again once it is certain that it never came', async () => {
    const { tell, network, gate } = start()
    network.next = 'request'
    expect(await tell(ann, 'add', ['a'])).toEqual({ text: 'a', count: 1 })
    expect(gate.ran).toBe(2)
    expect(await tell(ann, 'count')).toBe(1)
  })

  it('is not known while nobody can say, never run again, and safe to repeat under its key', async () => {
    const { tell, network, gate, records, clock } = start()
    network.next = 'answer'
    network.away = true
    const before = clock.at
    expect(await tell(ann, 'add', ['a'], key)).toBe('outcome_unknown')
    expect(clock.at - before).toBeGreaterThanOrEqual(5_000)
    expect(records[0]?.outcome).toBe('failed')
    expect(gate.ran).toBe(1)
    network.away = false
    expect(await tell(ann, 'add', ['a'], key)).toEqual({ text: 'a', count: 1 })
    expect(gate.ran).toBe(1)
    expect(await tell(ann, 'count')).toBe(1)
  })
})
