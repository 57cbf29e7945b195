import type { Actor } from '@quarterdeck/sdk/actor'
import { describe, expect, it } from 'vitest'
import { memoryLog } from '../adapters/memory/log.ts'
import type { Log, Stored } from '../ports/log.ts'
import { decisionsShape } from './decisions-shape.ts'
import { createJournal, decisionAttributes, sealDecision } from './journal.ts'
import { createRedactor } from './redact.ts'

const actor: Actor = {
  tenant: 'home',
  principal: 'ann',
  class: 'operator',
  permissions: [],
  credential: 'c-1',
}
const start = Date.parse('2026-11-20T09:00:00Z')
const noHash = '0'.repeat(64)

function open(log: Log = memoryLog({ shape: decisionsShape, seal: sealDecision })) {
  let at = start
  let ids = 0
  const journal = createJournal({
    log,
    now: () => at,
    randomId: () => `d${++ids}`,
    environment: 'staging',
    redact: createRedactor({ secrets: () => ['a-live-secret-value'], keys: [] }),
  })
  const entries = async () => (await log.read('home', 0, 1_000)) as Stored[]
  const told = async () => (await entries()).map((entry) => JSON.parse(entry.payload))
  return {
    journal,
    log,
    entries,
    told,
    pass(seconds: number) {
      at += seconds * 1_000
    },
    settle: () => new Promise((resolve) => setTimeout(resolve, 0)),
  }
}
const refusal = { actor, operation: 'telemetry.query', by: 'c-1', code: 'forbidden' }

describe('the journal', () => {
  it('writes who did what where, and can be asked by it', async () => {
    const { journal, entries, told } = open()
    const id = await journal.write({
      actor,
      operation: 'releases.promote',
      phase: 'done',
      subject: 'web',
      intentId: 'i1',
      requestId: 'q1',
      payload: { release: 'r1' },
    })
    expect(await told()).toEqual([
      {
        id,
        at: '2026-11-20T09:00:00.000Z',
        tenant: 'home',
        selected_env: 'staging',
        actor: { kind: 'operator', id: 'ann' },
        operation: 'releases.promote',
        phase: 'done',
        subject: 'web',
        intentId: 'i1',
        requestId: 'q1',
        payload: { release: 'r1' },
      },
    ])
    const [entry] = await entries()
    expect(entry?.attributes).toEqual({
      operation: 'releases.promote',
      phase: 'done',
      actor_kind: 'operator',
      actor_id: 'ann',
      selected_env: 'staging',
      subject: 'web',
      intent_id: 'i1',
      request_id: 'q1',
    })
    expect(decisionAttributes(JSON.parse(entry?.payload ?? ''))).toEqual(entry?.attributes)
  })

  it('keeps secrets out of what it writes and out of what it is asked by', async () => {
    const { journal, entries } = open()
    await journal.write({
      actor: { ...actor, principal: 'a-live-secret-value' },
      operation: 'releases.promote',
      phase: 'asked',
      subject: 'a-live-secret-value',
      requestId: 'a-live-secret-value',
      payload: { note: 'a-live-secret-value', apiKey: 'x' },
    })
    expect(JSON.stringify(await entries())).not.toContain('a-live-secret-value')
  })

  it('keeps of a large payload only its hash', async () => {
    const { journal, told } = open()
    await journal.write({ actor, operation: 'x.y', phase: 'done', payload: { text: 'x'.repeat(40_000) } })
    expect((await told())[0].payload).toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
  })

  it('says that it could not write', async () => {
    const { journal, log } = open()
    await log.close()
    await expect(journal.write({ actor, operation: 'x.y', phase: 'done' })).rejects.toMatchObject({
      code: 'audit_unavailable',
    })
  })

  it('writes the first refusal at once, and the others of its minute together', async () => {
    const { journal, told, pass, settle } = open()
    for (let n = 0; n < 30; n += 1) {
      journal.refused(refusal)
      pass(1)
    }
    await settle()
    expect((await told()).map(({ phase, payload }) => [phase, payload])).toEqual([
      [
        'refused',
        { code: 'forbidden', count: 1, first: '2026-11-20T09:00:00.000Z', last: '2026-11-20T09:00:00.000Z' },
      ],
    ])
    pass(31)
    journal.refused(refusal)
    await settle()
    const payloads = (await told()).map(({ payload }) => payload)
    expect(payloads[1]).toEqual({
      code: 'forbidden',
      count: 29,
      first: '2026-11-20T09:00:00.000Z',
      last: '2026-11-20T09:00:29.000Z',
    })
    expect(payloads[2]).toMatchObject({ count: 1, first: '2026-11-20T09:01:01.000Z' })
    expect(payloads.reduce((sum, { count }) => sum + count, 0)).toBe(31)
  })

  it('writes what a minute counted also when no further refusal comes', async () => {
    const { journal, told, pass, settle } = open()
    for (let n = 0; n < 5; n += 1) journal.refused(refusal)
    await settle()
    await journal.sweep()
    expect(await told()).toHaveLength(1)
    pass(60)
    await journal.sweep()
    await journal.sweep()
    expect((await told()).map(({ payload }) => payload.count)).toEqual([1, 4])
  })

  it('counts each credential, code and tenant apart', async () => {
    const { journal, log, told, settle } = open()
    journal.refused(refusal)
    journal.refused({ ...refusal, by: 'c-2' })
    journal.refused({ ...refusal, code: 'invalid' })
    journal.refused({ ...refusal, actor: { ...actor, tenant: 'other' } })
    journal.refused(refusal)
    await settle()
    await journal.flush()
    expect((await told()).map(({ payload }) => payload.count)).toEqual([1, 1, 1, 1])
    expect(await log.head('other')).toBe(1)
  })

  it('never runs out of room for refusals: minutes that are over make room', async () => {
    const { journal, log, pass, settle } = open()
    for (let n = 0; n < 10_100; n += 1) journal.refused({ ...refusal, by: `c-${n}` })
    await settle()
    const before = await log.head('home')
    expect(before).toBeLessThan(10_100)
    pass(61)
    await journal.sweep()
    journal.refused({ ...refusal, by: 'c-late' })
    await settle()
    expect(await log.head('home')).toBe(before + 1)
  })

  it('takes no notice of a log that is away when something is refused', async () => {
    const { journal, log, settle } = open()
    await log.close()
    journal.refused(refusal)
    await settle()
    await journal.flush()
  })
})

describe('the chain of decisions', () => {
  /** Whether every entry fits the one before it and its own hash. */
  function intact(entries: readonly Stored[]): boolean {
    let tip = noHash
    let position = 0
    return entries.every((entry) => {
      const fits =
        entry.position === position + 1 &&
        entry.prevHash === tip &&
        sealDecision({ ...entry, prevHash: tip }) === entry.hash
      tip = entry.hash ?? ''
      position += 1
      return fits
    })
  }

  it('is intact as it was written, and breaks by an edit, a deletion, a swap, or another tenant', async () => {
    const { journal, entries } = open()
    for (let n = 0; n < 5; n += 1)
      await journal.write({ actor, operation: 'releases.promote', phase: 'done', payload: { n } })
    const all = await entries()
    expect(intact(all)).toBe(true)
    const at = (n: number) => all[n] as Stored
    const edited = { ...at(2), payload: at(2).payload.replace('"n":2', '"n":7') }
    expect(intact(all.with(2, edited))).toBe(false)
    expect(intact(all.toSpliced(2, 1))).toBe(false)
    expect(intact(all.slice(1))).toBe(false)
    expect(intact(all.with(1, at(2)).with(2, at(1)))).toBe(false)
    const swapped = [
      { ...at(1), payload: at(2).payload },
      { ...at(2), payload: at(1).payload },
    ]
    expect(intact([at(0), ...swapped, at(3), at(4)])).toBe(false)
    expect(intact(all.map((entry) => ({ ...entry, tenant: 'other' })))).toBe(false)
    // Rewriting one with a hash that fits breaks the next.
    const forged = { ...edited, hash: sealDecision({ ...edited, prevHash: edited.prevHash ?? '' }) }
    expect(intact(all.with(2, forged))).toBe(false)
    // So does letting the next one point at it: the pointer is part of what the next hash is over.
    expect(intact(all.with(2, forged).with(3, { ...at(3), prevHash: forged.hash }))).toBe(false)
  })

  it('does not depend on how the engine orders the members of what it stored', async () => {
    const { journal, entries } = open()
    await journal.write({ actor, operation: 'x.y', phase: 'done', payload: { b: 1, a: [1, { d: 2, c: 3 }] } })
    const [entry] = await entries()
    const reversed = Object.fromEntries(Object.entries(JSON.parse(entry?.payload ?? '')).reverse())
    expect(sealDecision({ ...(entry as Stored), prevHash: noHash, payload: JSON.stringify(reversed) })).toBe(
      entry?.hash,
    )
  })
})
