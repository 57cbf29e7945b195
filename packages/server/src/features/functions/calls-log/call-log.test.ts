import { beforeEach, describe, expect, it } from 'vitest'
import { memoryLog } from '../../../adapters/memory/log.ts'
import { createMac } from '../../../core/mac.ts'
import { createRedactor } from '../../../core/redact.ts'
import type { Log } from '../../../ports/log.ts'
import { platformNotes } from '../../telemetry/platform-notes.ts'
import { telemetryShape } from '../../telemetry/shape.ts'
import type { CallRecord } from '../runner.ts'
import { createCallLog } from './call-log.ts'

const now = Date.parse('2026-11-21T12:00:00Z')
const minute = 60_000
let log: Log
let timers: { ms: number; run: () => void }[]
let dropped: number
let counted: number
beforeEach(() => {
  log = memoryLog({ shape: telemetryShape })
  timers = []
  dropped = 0
  counted = 0
})

const callLog = () =>
  createCallLog({
    telemetry: platformNotes({
      log,
      redact: createRedactor({ secrets: () => ['ann-the-secret-principal'], keys: [] }),
      now: () => now,
      mac: createMac(new Uint8Array(32)),
    }),
    now: () => now,
    randomId: () => crypto.randomUUID(),
    random: Math.random,
    later: (ms, run) => void timers.push({ ms, run }),
    dropped: (count) => {
      dropped += count
    },
  })

/** A call; `ago` is how many ms before now it began. */
function call(more: Partial<CallRecord> & { ago?: number } = {}): CallRecord {
  counted += 1
  const { ago = 1_000, ...rest } = more
  return {
    tenant: 'acme',
    fn: 'board',
    hash: 'abc',
    at: now - ago,
    ms: 5,
    outcome: 'ok',
    code: null,
    principal: 'ann',
    number: null,
    traceId: null,
    requestId: `request-${counted}`,
    ...rest,
  }
}

const stored = async (tenant = 'acme') => (await log.read(tenant, 0, 1_000)).length
const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

describe('the log of calls', () => {
  it('counts calls by function: rate, percentiles, and the share that failed, refused ones left out', async () => {
    const calls = callLog()
    const outcomes = ['ok', 'refused', 'failed', 'conflict', 'timeout', 'overloaded', 'ok', 'ok'] as const
    for (const [at, outcome] of outcomes.entries()) calls.note(call({ outcome, ms: (at + 1) * 10 }))
    calls.note(call({ fn: 'openTicket', ms: 7 }))
    const rates = await calls.rates('acme', '15m')
    expect(rates.get('board')).toEqual({ calls: 8, rate: 8 / 900, p50: 40, p95: 80, errorShare: 0.5 })
    expect(rates.get('openTicket')).toEqual({ calls: 1, rate: 1 / 900, p50: 7, p95: 7, errorShare: 0 })
    expect([...(await calls.rates('acme', '15m', 'openTicket')).keys()]).toEqual(['openTicket'])
  })

  it('counts within a window, and one tenant alone', async () => {
    const calls = callLog()
    for (const ago of [0, 14 * minute, 16 * minute, 25 * 60 * minute, 8 * 24 * 60 * minute])
      calls.note(call({ ago }))
    calls.note(call({ tenant: 'bolt' }))
    const countIn = async (window: '15m' | '24h' | '7d') =>
      (await calls.rates('acme', window)).get('board')?.calls
    expect([await countIn('15m'), await countIn('24h'), await countIn('7d')]).toEqual([2, 3, 4])
    expect((await calls.rates('other', '7d')).size).toBe(0)
  })

  it('lists calls newest first, page by page, without a call that came since', async () => {
    const calls = callLog()
    for (let at = 1; at <= 5; at += 1) calls.note(call({ ago: at * 1_000, ms: at }))
    calls.note(call({ fn: 'openTicket' }))
    const first = await calls.calls('acme', 'board', { window: '15m', limit: 2 })
    calls.note(call({ ago: 0, ms: 99 }))
    const second = await calls.calls('acme', 'board', { window: '15m', limit: 2, cursor: first.nextCursor })
    const third = await calls.calls('acme', 'board', { window: '15m', limit: 2, cursor: second.nextCursor })
    expect([first, second, third].map(({ items }) => items.map(({ ms }) => ms))).toEqual([
      [1, 2],
      [3, 4],
      [5],
    ])
    expect(third.nextCursor).toBeUndefined()
    await expect(
      calls.calls('acme', 'openTicket', { window: '15m', limit: 2, cursor: first.nextCursor }),
    ).rejects.toMatchObject({ code: 'invalid' })
  })

  it('says of a call what is known of it', async () => {
    const calls = callLog()
    calls.note(call({ outcome: 'refused', code: 'not_found', number: 12, traceId: 'f'.repeat(32), ms: 1.5 }))
    expect((await calls.calls('acme', 'board', { window: '15m', limit: 1 })).items).toEqual([
      {
        at: new Date(now - 1_000).toISOString(),
        ms: 1.5,
        outcome: 'refused',
        code: 'not_found',
        principal: 'ann',
        number: 12,
        traceId: 'f'.repeat(32),
      },
    ])
  })

  it('writes after a second', async () => {
    const calls = callLog()
    calls.note(call())
    calls.note(call())
    expect(timers.map(({ ms }) => ms)).toEqual([1_000])
    await settled()
    expect(await stored()).toBe(0)
    timers[0]?.run()
    await settled()
    expect(await stored()).toBe(2)
  })

  it('writes a fair sample of 100 when more are alike in a second, and counts them all', async () => {
    const calls = callLog()
    for (let at = 0; at < 1_050; at += 1) calls.note(call({ ms: at }))
    for (let at = 0; at < 3; at += 1) calls.note(call({ outcome: 'failed', ms: 1 }))
    const rates = (await calls.rates('acme', '15m')).get('board')
    expect(await stored()).toBe(103)
    expect(rates).toMatchObject({ calls: 1_053, errorShare: 3 / 1_053 })
    // Of 0 to 1,049 ms the middle is 525; a sample that only knew the first hundred would say 50.
    expect(rates?.p50).toBeGreaterThan(300)
    expect(rates?.p50).toBeLessThan(750)
    calls.note(call())
    expect((await calls.rates('acme', '15m')).get('board')?.calls).toBe(1_054)
  })

  it('keeps calls while the log is away, stores each once after that, and lets go what is too much', async () => {
    const calls = callLog()
    const { append } = log
    let taken = 0
    Object.assign(log, {
      // It takes them and its answer is lost: nobody can say.
      async append(...given: Parameters<Log['append']>) {
        if (taken === 0) await append(...given)
        taken += 1
        throw new Error('away')
      },
    })
    calls.note(call())
    timers[0]?.run()
    await settled()
    calls.note(call())
    timers[1]?.run()
    await settled()
    Object.assign(log, { append })
    timers[2]?.run()
    await settled()
    expect(await stored()).toBe(2)
    expect(dropped).toBe(0)
    Object.assign(log, { append: () => Promise.reject(new Error('away')) })
    for (let at = 0; at < 20_100; at += 1) calls.note(call({ fn: `f${at % 201}` }))
    timers.at(-1)?.run()
    await settled()
    expect(dropped).toBe(100)
  })

  it('writes what waits when it stops', async () => {
    const calls = callLog()
    calls.note(call())
    await calls.stop()
    expect(await stored()).toBe(1)
  })

  it('holds no secret that stands in a principal, and makes one session of a trace', async () => {
    const calls = callLog()
    calls.note(call({ principal: 'ann-the-secret-principal', traceId: 'a'.repeat(32) }))
    await calls.stop()
    const [entry] = await log.read('acme', 0, 10)
    expect(JSON.stringify(entry)).not.toContain('ann-the-secret')
    expect(entry?.attributes).toMatchObject({
      session_id: 'a'.repeat(32),
      trace_id: 'a'.repeat(32),
      outcome: 'pass',
      duration_ms: 5,
      tool: null,
      'function.name': 'board',
    })
  })
})
