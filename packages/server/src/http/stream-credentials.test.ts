import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createCredentialWatch } from './stream-credentials.ts'

const actor: Actor = { tenant: 't', principal: 'ada', class: 'operator', permissions: [], credential: 'c-1' }
const bearer = { kind: 'bearer', value: 'one', origin: null } as const

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a credential is asked for once for all its streams, and no more when the last has gone', async () => {
  const again = vi.fn(async () => actor)
  const { watch } = createCredentialWatch({ everyMs: 500 })
  const told: (Actor | null)[] = []
  const stops = [1, 2, 3].map(() => watch(bearer, { actor, again }, (now) => told.push(now)))
  stops.push(watch({ ...bearer, kind: 'cookie' }, { actor, again }, () => {}))
  await vi.advanceTimersByTimeAsync(500)
  expect(again).toHaveBeenCalledTimes(2)
  expect(told).toEqual([actor, actor, actor])
  for (const stop of stops) stop()
  expect(vi.getTimerCount()).toBe(0)
})

test.each(['credential_expired', 'tenant_forbidden'] as const)(
  'a credential refused with %s is told as null, a store that is away is not told',
  async (code) => {
    const again = vi
      .fn<() => Promise<Actor>>()
      .mockRejectedValueOnce(new Error('the store is away'))
      .mockRejectedValueOnce(fault(code))
    const { watch } = createCredentialWatch({ everyMs: 500 })
    const told = vi.fn()
    const stop = watch(bearer, { actor, again }, told)
    await vi.advanceTimersByTimeAsync(500)
    expect(told).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(500)
    expect(told.mock.calls).toEqual([[null]])
    stop()
  },
)

test('a stream that ends while others are told, and one that stops twice, leave the others watched', async () => {
  const { watch } = createCredentialWatch({ everyMs: 500 })
  const verified = { actor, again: async () => actor }
  const told = vi.fn()
  const stopFirst = watch(bearer, verified, () => stopFirst())
  const stop = watch(bearer, verified, told)
  await vi.advanceTimersByTimeAsync(500)
  stopFirst()
  await vi.advanceTimersByTimeAsync(500)
  expect(told).toHaveBeenCalledTimes(2)
  stop()
})
