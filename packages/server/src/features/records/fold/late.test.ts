import fc from 'fast-check'
import { expect, test } from 'vitest'
import { event, shown } from './story.test-kit.ts'

test('a late event fills fields that the object lacks and never the status', () => {
  const entries = [
    event(1, 'gate.passed', 'g', { at: 10, after: { title: 'new' } }),
    event(2, 'gate.failed', 'g', { at: 5, after: { title: 'old', owner: 'ann' }, reason: 'old trouble' }),
  ]
  const gate = shown(entries, 'gates', 'g')
  expect(gate).toMatchObject({ status: 'passed', title: 'new', owner: 'ann', provenance: { position: 1 } })
  expect(gate).not.toHaveProperty('reason')
})

test('of one producer the sequence decides, not the clock', () => {
  const entries = [
    event(1, 'gate.passed', 'g', { at: 5, sequence: 9 }),
    event(2, 'gate.failed', 'g', { at: 10, sequence: 8 }),
  ]
  expect(shown(entries, 'gates', 'g')?.status).toBe('passed')
})

test('of two producers, or two runs of one, the clock decides', () => {
  const last = (producer: { id: string; product: string; runId?: string }) =>
    shown(
      [
        event(1, 'gate.passed', 'g', { at: 5, sequence: 9 }),
        event(2, 'gate.failed', 'g', { at: 10, sequence: 8, producer }),
      ],
      'gates',
      'g',
    )?.status
  expect(last({ id: 'other', product: 'flow' })).toBe('failed')
  expect(last({ id: 'runner', product: 'flow', runId: 'r2' })).toBe('failed')
  expect(last({ id: 'runner', product: 'flow' })).toBe('passed')
})

test('equal is not late', () => {
  const byTime = [event(1, 'gate.failed', 'g', { at: 5 }), event(2, 'gate.passed', 'g', { at: 5 })]
  expect(shown(byTime, 'gates', 'g')?.status).toBe('passed')
  const bySequence = [
    event(1, 'gate.failed', 'g', { at: 6, sequence: 3 }),
    event(2, 'gate.passed', 'g', { at: 5, sequence: 3 }),
  ]
  expect(shown(bySequence, 'gates', 'g')?.status).toBe('passed')
})

test('a late event does not bring back what a newer one removed', () => {
  const entries = [
    event(1, 'process.started', 'p', { at: 1, after: { owner: 'ann' } }),
    event(2, 'process.progressed', 'p', { at: 9, after: { owner: null } }),
    event(3, 'process.progressed', 'p', { at: 4, after: { owner: 'bob' } }),
  ]
  expect(shown(entries, 'processes', 'p')).not.toHaveProperty('owner')
})

test('in whatever order events arrive, the newest decides the status', () => {
  const statuses = ['open', 'waiting', 'passed', 'failed', 'blocked'] as const
  const life = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.constantFrom(...statuses)), {
    selector: ([at]) => at,
    minLength: 1,
    maxLength: 12,
  })
  fc.assert(
    fc.property(life, (events) => {
      const entries = events.map(([at, status], index) =>
        event(index + 1, 'gate.opened', 'g', { at, after: { status } }),
      )
      const newest = events.reduce((best, one) => (one[0] > best[0] ? one : best))
      expect(shown(entries, 'gates', 'g')?.status).toBe(newest[1])
    }),
  )
})
