import { arrays } from '@quarterdeck/sdk/contract/record'
import type { OperatingState, StateObject } from '@quarterdeck/sdk/contract/state'
import { expect, test } from 'vitest'
import { reasonsOf } from './reasons-of.ts'

const gate = (id: string, status: string, reason?: unknown): StateObject => ({
  product: 'flow',
  id,
  status,
  reason,
  provenance: { from: 'event', producer: { id: 'runner', product: 'flow' }, position: 1, tier: 'own' },
})
const need = (id: string, why: string) => ({ kind: 'gates', product: 'flow', id, why, since: '' })

test('a need has the reason of the status it is needed for, and of no other', () => {
  const needsYou = [
    need('tests', 'failed'),
    need('moved-on', 'failed'),
    need('odd', 'failed'),
    need('cut', 'failed'),
  ]
  const state = {
    ...(Object.fromEntries(arrays.map((name) => [name, []])) as unknown as OperatingState),
    needsYou,
    gates: [
      gate('tests', 'failed', '2 tests fail'),
      gate('moved-on', 'waiting', 'for the reviewer'),
      gate('odd', 'failed', { not: 'text' }),
    ],
  }
  expect(needsYou.map(reasonsOf(state))).toEqual(['2 tests fail', undefined, undefined, undefined])
})
