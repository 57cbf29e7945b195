import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { canonical } from '@quarterdeck/sdk/digest'
import { afterEach, describe, expect, it } from 'vitest'
import { verifyLogs } from '../../src/main/verify-logs.ts'
import { openStage, type Stage } from '../stage.ts'

const start = Date.parse('2026-11-01T09:00:00Z')
const minute = (n: number) => new Date(start + n * 60_000).toISOString()
const scope = { kind: 'repo', id: 'shop' }
const runner = { id: 'runner', product: 'flow' }

/** Every kind of event the fold knows, with what it needs. */
const events: readonly [type: string, kind: string, payload: Record<string, unknown>][] = [
  ['process.started', 'process', { after: { title: 'Run' } }],
  ['gate.opened', 'gate', { after: { processRef: { product: 'flow', kind: 'process', id: 'p0' } } }],
  ['process.progressed', 'process', { after: { stage: 'tests' }, summary: 'on it' }],
  ['gate.failed', 'gate', { reason: '2 tests fail' }],
  ['claim.status.changed', 'claim', { after: { status: 'proposed', title: 'It is fast' } }],
  ['process.blocked', 'process', { reason: 'waits for review' }],
  [
    'review_item.opened',
    'review_item',
    { after: { kind: 'code', subjectRef: { product: 'flow', kind: 'gate', id: 'g1' } } },
  ],
  ['evidence.attached', 'evidence', { after: { status: 'available', producerRef: runner } }],
  ['decision.recorded', 'decision', { after: { kind: 'merge', decidedAt: minute(3) } }],
  ['action.requested', 'action', { after: { kind: 'retry', authority: 'operator' } }],
  ['exception.requested', 'exception', { refs: [{ product: 'flow', kind: 'gate', id: 'o1' }] }],
  ['process.resumed', 'process', {}],
  ['claim.dispute.resolved', 'claim', { after: { status: 'verified' } }],
  ['review_item.approved', 'review_item', {}],
  [
    'exception.accepted',
    'exception',
    { after: { expiresAt: minute(1_000_000) }, refs: [{ product: 'flow', kind: 'gate', id: 'o1' }] },
  ],
  ['inquiry.resolved', 'inquiry', { after: { outcome: 'matched' } }],
  [
    'learning.proposed',
    'learning',
    {
      after: { summary: 's', subjectRef: runner, family: 'workflow', nonAuthority: true },
      summary: 's',
      subjectRef: runner,
      family: 'workflow',
      nonAuthority: true,
    },
  ],
  ['flow.pipeline.snapshot', 'pipeline', { after: { stages: ['build', 'test'] } }],
  ['gate.passed', 'gate', {}],
  ['process.completed', 'process', { after: { result: 'ok' } }],
  ['something.unknown', 'thing', { summary: 'only shown' }],
]

/** Sixty records of all kinds, of several subjects; some come late, some twice in one object. */
function story(): Record<string, unknown>[] {
  const said: Record<string, unknown>[] = []
  for (let n = 0; said.length < 60; n += 1) {
    const [type, kind, payload] = events[n % events.length] as (typeof events)[number]
    // Every seventh happened before what was told before it.
    const at = n % 7 === 6 ? n - 5 : n
    said.push({
      schema: 'console.event',
      version: '0.1',
      id: `e${n}`,
      type,
      occurredAt: minute(at),
      producer: n % 5 === 4 ? { id: 'second', product: 'flow' } : runner,
      scope,
      subject: { product: 'flow', kind, id: `${kind[0]}${n % 2}` },
      correlationId: `c${n % 3}`,
      payload,
    })
    if (n % 8 === 3)
      said.push({
        schema: 'console.projection',
        version: '0.1',
        id: `view-${n}`,
        generatedAt: minute(n),
        producer: { id: 'trust', product: 'claims' },
        scope: { kind: 'repo', id: `r${n % 2}` },
        derivedFrom: { mode: 'event_replay', lastAcceptedEventId: `e${n - 2}` },
        claims: [
          { id: `k${n}`, status: 'stale' },
          { id: 'c0', status: 'disputed', product: 'flow' },
        ],
        gates: [{ id: 'g0', product: 'flow', status: 'waiting', processRef: runner }],
      })
    if (n % 6 === 5)
      said.push({
        schema: 'console.liveness',
        version: '0.1',
        subjectId: 'p0',
        actor: `agent-${n % 4}`,
        at: minute(n),
        type: n % 12 === 5 ? 'claim' : 'release',
        producer: runner,
      })
    if (n % 10 === 9)
      said.push({
        schema: 'console.economics',
        version: '0.1',
        run_id: `run-${n}`,
        at: minute(n),
        producer: runner,
        task_slug: 'fix',
        cost: {
          input_tokens: n,
          output_tokens: 1,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 0,
          estimated_cost_usd: 0.5,
          by_model: [],
        },
        time: { wall_clock_s: 1, human_wait_s: 0 },
        iterations: { count: 1, route_backs: 0 },
        defects: {
          gate_fires: 0,
          findings_by_severity: { critical: 0, high: 0, medium: 0, low: 0 },
          caught_false_completions: 0,
          verification_verdict: 'PASS',
        },
      })
  }
  return said.slice(0, 60)
}

/** A state without what depends on when its records were received. */
function timeless(state: object): string {
  const withoutTimes = JSON.parse(
    JSON.stringify(state, (key, value) =>
      key === 'receivedAt' || key === 'at' || key === 'since' ? undefined : value,
    ),
  )
  return canonical(withoutTimes)
}

describe('any past state', () => {
  const stages: Stage[] = []
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.stop()
  })
  async function open(): Promise<Stage> {
    const stage = await openStage()
    stages.push(stage)
    return stage
  }

  it('is the fold of all that had been told by then', { timeout: 60_000 }, async () => {
    const records = story()
    const stage = await open()
    const { receipts } = (await stage.client.records.append(records)) as { receipts: { status: string }[] }
    expect(receipts.map(({ status }) => status)).toEqual(records.map(() => 'accepted'))
    const states = new Set<string>()
    for (const position of [0, 1, 7, 23, 30, 41, 59, 60]) {
      const past = await stage.client.records.state({ at: position })
      expect(past.position).toBe(position)
      const fresh = await open()
      if (position > 0) await fresh.client.records.append(records.slice(0, position))
      const first = await fresh.client.records.state({ at: position })
      expect(timeless(past), `at ${position}`).toBe(timeless(first))
      states.add(timeless(past))
    }
    expect(states.size).toBe(8)
    const whole = await stage.client.records.state({ at: 60 })
    // All arrays had a part in it.
    expect(
      Object.entries(whole.counts)
        .filter(([, { total }]) => total === 0)
        .map(([name]) => name),
    ).toEqual([])
    const objects = await stage.client.records.objects({ kind: 'gates', at: 23, limit: 100 })
    expect(canonical(objects.items)).toBe(canonical((await stage.client.records.state({ at: 23 })).gates))
  })

  it('is found by an instant: what had been received by then', async () => {
    const stage = await open()
    const records = story()
    const times: string[] = []
    for (const record of records.slice(0, 6)) {
      const receipt = await stage.client.records.append(record)
      times.push('receivedAt' in receipt ? (receipt.receivedAt ?? '') : '')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    for (const [n, time] of times.entries())
      expect((await stage.client.records.state({ at: time })).position).toBe(n + 1)
    const before = new Date(Date.parse(times[3] ?? '') - 1).toISOString()
    expect((await stage.client.records.state({ at: before })).position).toBe(3)
    expect((await stage.client.records.state({ at: '2020-01-01T00:00:00Z' })).position).toBe(0)
    expect((await stage.client.records.state({ at: '2030-01-01T00:00:00Z' })).position).toBe(6)
  })

  it('is not given ahead of the log, nor for what is neither a position nor an instant', async () => {
    const stage = await open()
    await stage.client.records.append(story().slice(0, 3))
    await expect(stage.client.records.state({ at: 4 })).rejects.toMatchObject({
      code: 'position_ahead',
      members: { head: 3 },
    })
    for (const at of ['yesterday', -1, 1.5, '1e3'])
      await expect(stage.client.records.state({ at: at as never })).rejects.toMatchObject({ code: 'invalid' })
  })

  it('is byte for byte the same after a restart, and with all that came later', async () => {
    let stage = await open()
    const records = story()
    await stage.client.records.append(records.slice(0, 40))
    const ask = async (path: string) =>
      (await fetch(`${stage.url}${path}`, { headers: { authorization: `Bearer ${stage.token}` } })).text()
    const paths = ['/state?at=17', '/state?at=40', '/state/claims?at=40', '/state/processes/flow/p0?at=33']
    const before = await Promise.all(paths.map(ask))
    expect(before.every((text) => text.length > 100)).toBe(true)
    stage = await stage.restart()
    stages.splice(0, 1, stage)
    expect(await Promise.all(paths.map(ask))).toEqual(before)
    await stage.client.records.append(records.slice(40))
    expect(await Promise.all(paths.map(ask))).toEqual(before)
  })

  it('older than liveness is kept does not claim to know who was at work', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'quarterdeck-liveness-')), 'all.sqlite')
    const storage = { CONSOLE_TELEMETRY_STORAGE: 'sqlite', CONSOLE_DATABASE_URL: path }
    const claim = (actor: string) => ({
      schema: 'console.liveness',
      version: '0.1',
      subjectId: 'p0',
      actor,
      at: new Date().toISOString(),
    })
    let stage = await openStage(storage)
    stages.push(stage)
    const records = story().filter(({ schema }) => schema === 'console.event')
    await stage.client.records.append([...records.slice(0, 5), claim('early')])
    await stage.running.stop()
    const db = new DatabaseSync(path)
    db.exec('update console_core_records set received_at = received_at - 3 * 86400000')
    db.close()
    stage = await stage.restart()
    stages.splice(0, 1, stage)
    await stage.client.records.append([records[5] ?? {}, claim('late')])
    const ids = async () => (await stage.client.records.list({})).items.map(({ position }) => position)
    expect(await ids()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])

    await stage.running
      .platform()
      ?.jobs.find(({ name }) => name === 'prune')
      ?.run()
    expect(await ids()).toEqual([1, 2, 3, 4, 5, 7, 8])
    const old = await stage.client.records.state({ at: 5 })
    expect([old.position, old.actors, old.reclaimableActors]).toEqual([5, null, null])
    expect((await stage.client.records.state({ at: 6 })).actors).toBeNull()
    const recent = await stage.client.records.state({ at: 8 })
    expect(recent.actors?.map(({ actor }) => actor)).toContain('late')
    // Nothing else was taken away, and the hole is none to the verifier.
    expect((await stage.client.records.state({})).counts.processes?.total).toBe(2)
    stage = await stage.restart()
    stages.splice(0, 1, stage)
    expect((await stage.client.records.state({ at: 8 })).actors?.map(({ actor }) => actor)).toEqual(['late'])
    expect((await verifyLogs(storage)).map(({ result }) => result)).not.toContain('broken')
    rmSync(dirname(path), { recursive: true })
  })
})
