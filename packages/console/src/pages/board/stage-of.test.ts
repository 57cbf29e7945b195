import type { StateObject } from '@quarterdeck/sdk/contract/state'
import { expect, test } from 'vitest'
import { stageOf } from './stage-of.ts'

const process = (fields: object): StateObject => ({
  product: 'flow',
  id: 'run-7',
  provenance: { from: 'event', producer: { id: 'runner', product: 'flow' }, position: 1, tier: 'own' },
  ...fields,
})

test('a process stands where it says, however it writes it', () => {
  for (const stage of ['in_flight', 'in-flight', 'In Flight']) {
    expect(stageOf(process({ stage, status: 'completed' }))).toBe('in flight')
  }
  expect(stageOf(process({ stage: 'planning', status: 'running' }))).toBe('planning')
})

test('a process that names no known stage stands where its status belongs', () => {
  const statuses = ['not_started', 'running', 'needs_input', 'review_pending', 'cancelled', 'of its own']
  expect(statuses.map((status) => stageOf(process({ stage: 'moon', status })))).toEqual([
    'backlog',
    'in flight',
    'in flight',
    'verify',
    'done',
    'in flight',
  ])
})
