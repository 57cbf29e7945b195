import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import { operation } from '@quarterdeck/sdk/operation'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Decision, Journal } from './journal.ts'
import { type Asked, createPerform } from './perform.ts'

const actor: Actor = {
  tenant: 'home',
  principal: 'ann',
  class: 'operator',
  permissions: ['releases:*', 'records:write'],
  credential: 'c-1',
}
const nobody: Actor = { ...actor, class: 'anonymous', permissions: [], credential: '' }
const input = z.object({ release: z.string() })
const promote = operation({
  name: 'releases.promote',
  summary: 'Put a release in place',
  route: 'POST /releases/:release/promote',
  input,
  output: z.object({ done: z.boolean() }),
  permission: 'releases:promote',
  effect: 'danger',
})
const read = operation({ ...promote, name: 'releases.get', effect: 'read' })
const append = operation({ ...promote, name: 'records.append', permission: 'records:write', dataPlane: true })
const secret = operation({ ...promote, name: 'secrets.rotate', permission: 'secrets:rotate' })
const proven = operation({ ...promote, name: 'releases.rollback', proof: { word: 'ROLLBACK' } })

/** A door with a journal that remembers, and what happened at it in order. */
function door(more: { off?: string; journal?: Partial<Journal> } = {}) {
  const happened: string[] = []
  const written: Decision[] = []
  const refusals: Parameters<Journal['refused']>[0][] = []
  const journal: Journal = {
    async write(decision) {
      happened.push(decision.phase)
      written.push(decision)
      return `intent-${written.length}`
    },
    refused: (decision) => void refusals.push(decision),
    sweep: async () => undefined,
    flush: async () => undefined,
    ...more.journal,
  }
  const perform = createPerform({ journal, switchedOff: (area) => area === more.off })
  const run = async () => {
    happened.push('run')
    return { done: true }
  }
  const asked = (rest: Partial<Asked> = {}): Asked => ({
    actor,
    input: { release: 'r1' },
    requestId: 'q-1',
    signal: new AbortController().signal,
    by: 'c-1',
    ...rest,
  })
  return { perform, run, asked, happened, written, refusals }
}

const unavailable = async () => {
  throw fault('audit_unavailable')
}

describe('the door', () => {
  it('records what is asked before it is done, and that it was done, under one intent', async () => {
    const { perform, run, asked, happened, written } = door()
    expect(await perform(promote, run, asked())).toEqual({ done: true })
    expect(happened).toEqual(['asked', 'run', 'done'])
    expect(written).toMatchObject([
      { operation: 'releases.promote', payload: { input: { release: 'r1' } }, requestId: 'q-1', actor },
      { operation: 'releases.promote', intentId: 'intent-1' },
    ])
  })

  it('records why an act failed, and answers with that failure', async () => {
    const { perform, asked, happened, written } = door()
    const fail = async () => {
      throw fault('frozen')
    }
    await expect(perform(promote, fail, asked())).rejects.toMatchObject({ code: 'frozen' })
    expect(happened).toEqual(['asked', 'failed'])
    expect(written[1]).toMatchObject({ intentId: 'intent-1', payload: { code: 'frozen' } })
  })

  it('does not act when the journal cannot write, save on the data plane', async () => {
    const { perform, run, asked, happened } = door({ journal: { write: unavailable } })
    await expect(perform(promote, run, asked())).rejects.toMatchObject({ code: 'audit_unavailable' })
    expect(happened).toEqual([])
    expect(await perform(append, run, asked())).toEqual({ done: true })
    expect(await perform(read, run, asked())).toEqual({ done: true })
  })

  it('never says of an act that was done that it failed', async () => {
    const phases: string[] = []
    const { perform, run, asked } = door({
      journal: {
        async write({ phase }) {
          phases.push(phase)
          if (phase === 'done') throw fault('audit_unavailable')
          return 'intent-1'
        },
      },
    })
    await expect(perform(promote, run, asked())).rejects.toMatchObject({ code: 'audit_unavailable' })
    expect(phases).toEqual(['asked', 'done'])
  })

  it('answers with the failure of the act also when that cannot be recorded', async () => {
    const { perform, asked } = door({
      journal: { write: ({ phase }) => (phase === 'asked' ? Promise.resolve('intent-1') : unavailable()) },
    })
    const fail = async () => {
      throw fault('frozen')
    }
    await expect(perform(promote, fail, asked())).rejects.toMatchObject({ code: 'frozen' })
  })

  it('records neither reads nor the data plane', async () => {
    const { perform, run, asked, happened } = door()
    await perform(read, run, asked())
    await perform(append, run, asked())
    expect(happened).toEqual(['run', 'run'])
  })

  it.each([
    ['nobody', promote, { actor: nobody }, 'unauthenticated'],
    ['one without the permission', secret, {}, 'forbidden'],
    ['an input that does not match', promote, { input: { release: 7 } }, 'invalid'],
    ['an act that needs a proof', proven, {}, 'not_built'],
  ] as const)('refuses %s, records the refusal, and does not act', async (_, asking, rest, code) => {
    const { perform, run, asked, happened, refusals } = door()
    await expect(perform(asking, run, asked(rest))).rejects.toMatchObject({ code })
    expect(happened).toEqual([])
    expect(refusals).toMatchObject([{ operation: asking.name, code, by: 'c-1', requestId: 'q-1' }])
  })

  it('says every issue of an input by its path', async () => {
    const { perform, run, asked } = door()
    await expect(perform(promote, run, asked({ input: {} }))).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path: ['release'] }],
    })
  })

  it('reads nothing of a body from those it refuses', async () => {
    const { perform, run, asked } = door()
    const body = async () => {
      throw new Error('was read')
    }
    await expect(perform(secret, run, asked({ input: body }))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(perform(promote, run, asked({ input: body }))).rejects.toThrow('was read')
  })

  it('lets reads go on in an area that is switched off', async () => {
    const { perform, run, asked, refusals } = door({ off: 'releases' })
    await expect(perform(promote, run, asked())).rejects.toMatchObject({ code: 'switched_off' })
    expect(await perform(read, run, asked())).toEqual({ done: true })
    expect(await perform(append, run, asked())).toEqual({ done: true })
    expect(refusals).toHaveLength(1)
  })
})
