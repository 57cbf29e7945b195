import { expect, test } from 'vitest'
import { presentState } from './records-fold.ts'
import { event, projection, shown, start, told } from './story.test-kit.ts'

const claim = (fields: Record<string, unknown>) => ({ claims: [{ id: 'checkout', ...fields }] })
const verified = { after: { status: 'verified', title: 'Checkout works' }, subject: { product: 'claims' } }

test('projections of two producers both show, though neither has an id', () => {
  const { state } = told(
    projection(1, claim({ status: 'disputed' })),
    projection(2, { producer: { id: 'survey', product: 'survey' }, ...claim({ status: 'stale' }) }),
  )
  expect(presentState(state, start).claims).toMatchObject([
    {
      product: 'claims',
      id: 'checkout',
      status: 'disputed',
      provenance: { from: 'projection', position: 1 },
    },
    { product: 'survey', id: 'checkout', status: 'stale', provenance: { from: 'projection', position: 2 } },
  ])
})

test('an object no later event touched takes the values of the projection', () => {
  const entries = [
    event(1, 'claim.status.changed', 'checkout', verified),
    projection(2, {
      ...claim({ status: 'disputed', title: 'T' }),
      derivedFrom: { mode: 'm', lastAcceptedEventId: 'e1' },
    }),
  ]
  expect(shown(entries, 'claims', 'checkout', 'claims')).toMatchObject({
    status: 'disputed',
    title: 'T',
    provenance: { from: 'both', producer: { id: 'trust' }, tier: 'independent' },
  })
})

test('an object touched by later events takes only absent fields', () => {
  const entries = [
    event(1, 'claim.status.changed', 'other', { subject: { product: 'claims' } }),
    event(2, 'claim.status.changed', 'checkout', verified),
    projection(3, {
      ...claim({ status: 'disputed', title: 'T', owner: 'ann' }),
      derivedFrom: { mode: 'm', lastAcceptedEventId: 'e1' },
    }),
  ]
  expect(shown(entries, 'claims', 'checkout', 'claims')).toMatchObject({
    status: 'verified',
    title: 'Checkout works',
    owner: 'ann',
    provenance: { from: 'both', producer: { id: 'runner' }, position: 2 },
  })
})

test('without a known event a projection stands as of the last event up to its time', () => {
  const at = (generated: number) =>
    shown(
      [
        event(1, 'claim.status.changed', 'checkout', verified),
        event(2, 'gate.opened', 'g'),
        projection(3, {
          at: generated,
          ...claim({ status: 'disputed' }),
          derivedFrom: { mode: 'm', lastAcceptedEventId: 'lost' },
        }),
      ],
      'claims',
      'checkout',
      'claims',
    )?.status
  expect(at(1)).toBe('disputed')
  expect(at(0)).toBe('verified')
})

test('an event after the projection sets its own fields and leaves the rest of the projection', () => {
  const entries = [
    event(1, 'claim.status.changed', 'checkout', verified),
    projection(2, claim({ status: 'disputed', title: 'T', owner: 'ann' })),
    event(3, 'claim.reverification.completed', 'checkout', {
      subject: { product: 'claims' },
      after: { status: 'verified', owner: null },
    }),
  ]
  const object = shown(entries, 'claims', 'checkout', 'claims')
  expect(object).toMatchObject({ status: 'verified', title: 'T' })
  expect(object).not.toHaveProperty('owner')
})

test('an event without a status does not bring back the one from before the projection', () => {
  const entries = [
    event(1, 'process.started', 'p', { subject: { product: 'claims' } }),
    projection(2, { processes: [{ id: 'p', status: 'completed' }] }),
    event(3, 'process.progressed', 'p', {
      subject: { product: 'claims' },
      after: { status: 'running', step: 2 },
    }),
  ]
  expect(shown(entries, 'processes', 'p', 'claims')).toMatchObject({ status: 'completed', step: 2 })
})

test('what only a slot knew leaves with it', () => {
  const first = projection(2, {
    claims: [
      { id: 'checkout', owner: 'ann', refs: [{ product: 'a', kind: 'b', id: 'c' }] },
      { id: 'cart', status: 'stale' },
    ],
  })
  const second = projection(3, { claims: [{ id: 'search', status: 'assumed' }] })
  const entries = [event(1, 'claim.status.changed', 'checkout', verified), first]
  expect(shown(entries, 'claims', 'checkout', 'claims')).toMatchObject({ owner: 'ann', refs: [{ id: 'c' }] })
  const { state, touched } = told(...entries, second)
  expect([...touched].map(({ id }) => id).sort()).toEqual(['cart', 'checkout', 'search'])
  const { claims, counts, projections } = presentState(state, start)
  expect(claims.map(({ id }) => id).sort()).toEqual(['checkout', 'search'])
  expect(claims.find(({ id }) => id === 'checkout')).not.toHaveProperty('owner')
  expect(claims.find(({ id }) => id === 'checkout')).not.toHaveProperty('refs')
  expect(claims.find(({ id }) => id === 'checkout')?.provenance.from).toBe('event')
  expect(counts.claims).toEqual({ total: 2, byStatus: { verified: 1, assumed: 1 } })
  expect(projections).toMatchObject([{ product: 'claims', producer: 'trust', position: 3 }])
})

test('an older projection of a slot does not count', () => {
  const sequence = (number: number) => ({
    derivedFrom: { mode: 'm', lastComparableSequence: { producerId: 'r', streamId: 's', sequence: number } },
  })
  const bySequence = [
    projection(1, { at: 1, ...sequence(9), ...claim({ status: 'disputed' }) }),
    projection(2, { at: 5, ...sequence(8), ...claim({ status: 'verified' }) }),
  ]
  expect(shown(bySequence, 'claims', 'checkout', 'claims')?.status).toBe('disputed')
  const byTime = [
    projection(1, { at: 5, ...claim({ status: 'disputed' }) }),
    projection(2, { at: 1, ...sequence(10), ...claim({ status: 'verified' }) }),
  ]
  expect(told(...byTime).touched).toEqual([])
  expect(shown(byTime, 'claims', 'checkout', 'claims')?.status).toBe('disputed')
})

test('one producer has a slot per scope', () => {
  const { state } = told(
    projection(1, claim({ status: 'disputed' })),
    projection(2, { scope: { kind: 'repo', id: 'cart' }, claims: [{ id: 'cart', status: 'stale' }] }),
    projection(3, { scope: { kind: 'team', id: 'shop' }, claims: [{ id: 'search', status: 'stale' }] }),
  )
  const { claims, projections } = presentState(state, start)
  expect(claims.map(({ id }) => id)).toEqual(['checkout', 'cart', 'search'])
  expect(projections.map(({ scope }) => `${scope.kind}/${scope.id}`)).toEqual([
    'repo/cart',
    'repo/shop',
    'team/shop',
  ])
})

test('an object of a projection may name another product, and its actions stay read-only', () => {
  const { state } = told(
    projection(1, {
      gates: [{ id: 'g', product: 'flow', status: 'failed' }],
      actions: [{ id: 'a', readOnly: false }],
    }),
  )
  const { gates, actions } = presentState(state, start)
  expect(gates).toMatchObject([{ product: 'flow', id: 'g' }])
  expect(actions).toMatchObject([{ product: 'claims', id: 'a', readOnly: true }])
})
