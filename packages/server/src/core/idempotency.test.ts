import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import { operation } from '@quarterdeck/sdk/operation'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep } from '../adapters/memory/keep.ts'
import { createIdempotency, sayAlive } from './idempotency.ts'

const actor: Actor = {
  tenant: 'home',
  principal: 'ann',
  class: 'operator',
  permissions: ['*'],
  credential: 'c-1',
}
const base = {
  name: 'things.make',
  summary: 'Make a thing',
  route: 'POST /things',
  input: z.object({ name: z.string() }),
  output: z.object({ id: z.string() }),
  permission: 'things:make',
  effect: 'write',
} as const
const make = operation(base)
const makeSecret = operation({ ...base, name: 'things.makeSecret', secretOutput: true })

/** Two processes over one store, and what ran. */
function world() {
  let now = 0
  const keep = memoryKeep({ now: () => now })
  const runs: string[] = []
  const ask = (process: string, more: Partial<Parameters<ReturnType<typeof createIdempotency>>[0]> = {}) =>
    createIdempotency({ keep, process })({
      operation: make,
      actor,
      key: 'k-1',
      input: { name: 'a' },
      refuse: (error) => {
        throw error
      },
      admit: async () => undefined,
      run: async (journaled) => {
        journaled('d-1')
        runs.push(process)
        return { id: `t-${runs.length}` }
      },
      ...more,
    })
  return { keep, runs, ask, pass: (ms: number) => (now += ms) }
}

describe('a write repeated under its key', () => {
  it('has one effect and one answer, in any process, and asks for no second proof', async () => {
    const { runs, ask } = world()
    const admit = async () => {
      throw fault('proof_required')
    }
    expect(await ask('p-1')).toEqual({ id: 't-1' })
    expect(await ask('p-2', { admit })).toEqual({ id: 't-1' })
    expect(runs).toEqual(['p-1'])
  })

  it('is another write for another actor, operation or key', async () => {
    const { runs, ask } = world()
    await ask('p-1')
    await ask('p-1', { actor: { ...actor, principal: 'bea' } })
    await ask('p-1', { actor: { ...actor, tenant: 'other' } })
    await ask('p-1', { operation: makeSecret })
    await ask('p-1', { key: 'k-2' })
    expect(runs).toHaveLength(5)
  })

  it('is refused with other input', async () => {
    const { ask } = world()
    await ask('p-1')
    await expect(ask('p-1', { input: { name: 'b' } })).rejects.toMatchObject({ code: 'idempotency_mismatch' })
  })

  it('runs again after it was refused or failed', async () => {
    const { ask } = world()
    const fail = async () => {
      throw fault('frozen')
    }
    await expect(ask('p-1', { run: fail })).rejects.toMatchObject({ code: 'frozen' })
    await expect(ask('p-1', { admit: fail })).rejects.toMatchObject({ code: 'frozen' })
    expect(await ask('p-1')).toEqual({ id: 't-1' })
  })

  it('is told that the first is still running, also when both come at once', async () => {
    const { runs, ask } = world()
    const results = await Promise.allSettled([ask('p-1'), ask('p-1'), ask('p-2')])
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(results.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))).toEqual([
      'idempotency_in_progress',
      'idempotency_in_progress',
    ])
    expect(runs).toHaveLength(1)
  })

  it('is told that the outcome is not known, with the decision, when the process died midway', async () => {
    const { keep, ask, pass } = world()
    const never = (journaled: (id: string) => void) => {
      journaled('d-7')
      return new Promise(() => undefined)
    }
    void ask('p-1', { run: never })
    await new Promise((resolve) => setImmediate(resolve))
    pass(10_000)
    await expect(ask('p-2')).rejects.toMatchObject({ code: 'idempotency_in_progress' })
    await sayAlive({ keep, process: 'p-1' })
    pass(10_000)
    await expect(ask('p-2')).rejects.toMatchObject({ code: 'idempotency_in_progress' })
    pass(10_000)
    await expect(ask('p-2')).rejects.toMatchObject({
      code: 'outcome_unknown',
      status: 409,
      members: { decision: 'd-7' },
    })
  })

  it('is not told a secret twice, but what was made', async () => {
    const { keep, ask } = world()
    await ask('p-1', { operation: makeSecret, run: async () => ({ id: 't-9', token: 'canary-of-a-secret' }) })
    await expect(ask('p-1', { operation: makeSecret })).rejects.toMatchObject({
      code: 'idempotency_spent',
      members: { id: 't-9' },
    })
    expect(JSON.stringify(await keep.scan('', 100))).not.toContain('canary-of-a-secret')
  })

  it('is forgotten after a day', async () => {
    const { runs, ask, pass } = world()
    await ask('p-1')
    pass(24 * 3_600_000 + 1)
    await ask('p-1')
    expect(runs).toHaveLength(2)
  })

  it.each(['', 'ü', 'a\n', 'x'.repeat(129)])('is refused under the key %j', async (key) => {
    const { ask } = world()
    await expect(ask('p-1', { key })).rejects.toMatchObject({ code: 'invalid' })
  })
})
