import { randomUUID } from 'node:crypto'
import { app, backend, perms, table } from '@quarterdeck/sdk/functions'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { codeOf, member, runtimeOf, settled, standingClock, tableIn } from '../runtime.test-kit.ts'
import { lossyTables } from './lossy-tables.test-kit.ts'

const ann = member('ann', 'member')

function start(concurrency = 64) {
  const clock = standingClock()
  const { tables, network } = lossyTables(memoryTables({ now: clock.now, randomId: randomUUID }))
  const lines = table('lines', { schema: z.object({ text: z.string() }), rows: 'shared' })
  const seen = { signal: null as AbortSignal | null, later: [] as string[], go: [] as (() => void)[] }
  const wait = () => new Promise<void>((resolve) => seen.go.push(resolve))
  const functions = {
    sleeps: backend({ args: [z.string()], perm: perms.RW_, deadlineMs: 2_000 }, async (ctx, text) => {
      seen.signal = ctx.signal
      const table = tableIn(ctx, 'lines')
      await table.push({ text })
      await wait()
      for (const act of [() => table.get('a'), () => table.push({ text }), () => table.query()])
        seen.later.push(await act().then(() => 'done', codeOf))
      return text
    }),
    waits: backend({ perm: perms.R__, deadlineMs: 15_000 }, wait),
    adds: backend({ args: [z.string()], perm: perms._W_, deadlineMs: 2_000 }, (ctx, text) =>
      tableIn(ctx, 'lines').set(text, { text }),
    ),
    count: backend({ perm: perms.R__ }, async (ctx) => (await tableIn(ctx, 'lines').query()).rows.length),
  }
  const group = { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } }
  const loaded = loadedAppOf({ app: app({ groups: { member: group } }), tables: [lines], functions })
  const engines = { tables, keep: memoryKeep({ now: clock.now }) }
  const runtime = runtimeOf(loaded, engines, { clock, concurrency })
  return { ...runtime, seen, network }
}

describe('the deadline of a call', () => {
  it('ends one that does not listen: its signal aborts, it reads and writes no more, nothing of it stays', async () => {
    const { tell, clock, seen, records } = start()
    const sleeping = tell(ann, 'sleeps', ['a'])
    await settled()
    clock.pass(1_999)
    expect(seen.signal?.aborted).toBe(false)
    clock.pass(1)
    expect(await sleeping).toBe('deadline_exceeded')
    expect(seen.signal?.aborted).toBe(true)
    seen.go[0]?.()
    await settled()
    expect(seen.later).toEqual(['deadline_exceeded', 'deadline_exceeded', 'deadline_exceeded'])
    expect(await tell(ann, 'count')).toBe(0)
    expect(records[0]).toMatchObject({ outcome: 'timeout', code: 'deadline_exceeded', ms: 2_000 })
  })

  it('is what the caller waits if that is less, and never more', async () => {
    const { tell, clock } = start()
    const short = tell(ann, 'sleeps', ['a'], { deadlineMs: 500 })
    const long = tell(ann, 'sleeps', ['b'], { deadlineMs: 60_000 })
    await settled()
    clock.pass(500)
    expect(await short).toBe('deadline_exceeded')
    clock.pass(1_500)
    expect(await long).toBe('deadline_exceeded')
  })

  it('waits 5 s more for a commit that was sent, and answers what became of it', async () => {
    const { tell, clock, network } = start()
    let go = () => {}
    network.beforeCommit = () => new Promise<void>((resolve) => (go = resolve))
    const sent = tell(ann, 'adds', ['a'])
    await settled()
    clock.pass(6_000)
    go()
    expect(await sent).toBeUndefined()
    network.beforeCommit = () => new Promise<void>(() => {})
    const lost = tell(ann, 'adds', ['b'])
    await settled()
    clock.pass(2_000)
    clock.pass(5_000)
    expect(await lost).toBe('outcome_unknown')
  })

  it('is over when the caller has gone', async () => {
    const { tell, seen } = start()
    const leaving = new AbortController()
    const call = tell(ann, 'sleeps', ['a'], { signal: leaving.signal })
    await settled()
    leaving.abort()
    expect(seen.signal?.aborted).toBe(true)
    seen.go[0]?.()
    expect(await call).toBe('deadline_exceeded')
    expect(seen.later).toEqual(['deadline_exceeded', 'deadline_exceeded', 'deadline_exceeded'])
    expect(await tell(ann, 'count')).toBe(0)
  })
})

describe('places', () => {
  it('are taken in order; four times as many wait, 5 s at most', async () => {
    const { tell, clock, seen, call, records } = start(2)
    const running = [tell(ann, 'sleeps', ['a']), tell(ann, 'sleeps', ['b'])]
    await settled()
    const waiting = Array.from({ length: 8 }, (_, n) => tell(ann, 'adds', [`w${n}`], { deadlineMs: 9_000 }))
    await settled()
    await expect(call(ann, 'adds', ['x'])).rejects.toMatchObject({
      code: 'overloaded',
      members: { retryAfter: expect.any(Number) },
    })
    expect(records[0]).toMatchObject({ outcome: 'overloaded' })
    seen.go[0]?.()
    expect(await running[0]).toBe('a')
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => undefined))
    clock.pass(2_000)
    expect(await running[1]).toBe('deadline_exceeded')
  })

  it('are not given to whoever left or had less time', async () => {
    const { tell, clock } = start(1)
    const slow = tell(ann, 'sleeps', ['a'])
    await settled()
    const leaving = new AbortController()
    const gone = tell(ann, 'count', [], { signal: leaving.signal })
    const patient = tell(ann, 'count')
    const hasty = tell(ann, 'count', [], { deadlineMs: 100 })
    await settled()
    leaving.abort()
    expect(await gone).toBe('deadline_exceeded')
    clock.pass(100)
    expect(await hasty).toBe('deadline_exceeded')
    clock.pass(1_900)
    expect(await slow).toBe('deadline_exceeded')
    // The place of a call that ended is free though its handler still sleeps.
    expect(await patient).toBe(0)
    expect(await tell(ann, 'count')).toBe(0)
  })

  it('are waited for 5 s', async () => {
    const { call, tell, clock } = start(1)
    const slow = tell(ann, 'waits', [])
    await settled()
    const refused = call(ann, 'count').catch((error) => [error.code, error.status, error.members])
    await settled()
    clock.pass(4_999)
    await settled()
    clock.pass(1)
    expect(await refused).toEqual(['overloaded', 503, { retryAfter: 1 }])
    clock.pass(10_000)
    expect(await slow).toBe('deadline_exceeded')
  })

  it('are given up by calls that failed', async () => {
    const { tell } = start(1)
    for (let n = 0; n < 10; n += 1) expect(await tell(ann, 'adds', [n])).toBe('invalid')
    expect(await tell(ann, 'count')).toBe(0)
  })
})
