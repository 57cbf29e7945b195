import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import { operation } from '@quarterdeck/sdk/operation'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep } from '../adapters/memory/keep.ts'
import type { Decision, Journal } from './journal.ts'
import { type Asked, createPerform } from './perform.ts'
import { createProofs } from './proof.ts'
import { noTracer } from './tracer.ts'

const actor: Actor = {
  tenant: 'home',
  principal: 'ann',
  class: 'operator',
  permissions: ['releases:*', 'records:write'],
  credential: 'c-1',
}
const nobody: Actor = { ...actor, class: 'anonymous', permissions: [], credential: '' }
const input = z.object({ release: z.string() })
const act = {
  name: 'releases.promote',
  summary: 'Put a release in place',
  route: 'POST /releases/:release/promote',
  input,
  output: z.object({ done: z.boolean() }),
  permission: 'releases:promote',
  effect: 'write',
} as const
const promote = operation(act)
const read = operation({ ...act, name: 'releases.get', effect: 'read' })
const append = operation({
  ...act,
  name: 'records.append',
  permission: 'records:write',
  limit: 'ingest',
  journaled: 'refusals',
})
const secret = operation({ ...act, name: 'secrets.rotate', permission: 'secrets:rotate' })
const unseen = operation({ ...act, name: 'releases.rollback', effect: 'danger', proof: { word: 'ROLLBACK' } })
const atHome = operation({ ...act, name: 'releases.freeze', home: true })
const people = operation({ ...act, name: 'releases.own', classes: ['operator'] })
const mint = operation({ ...act, name: 'releases.mint', journaled: 'operators' })
const signIn = operation({
  ...act,
  name: 'releases.enter',
  input: z.object({ release: z.string(), code: z.string() }),
  secretInput: ['code'],
  always: true,
})

/** A door with a journal that remembers, and what happened at it in order. */
function door(more: { off?: string; journal?: Partial<Journal> } = {}) {
  const keep = memoryKeep({ now: () => 0 })
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
  const perform = createPerform({
    journal,
    switchedOff: (area) => area === more.off,
    homeTenant: 'home',
    proofs: createProofs({ keep, now: () => 0, randomToken: () => 'token', environment: 'test' }),
    repeats: { keep, process: 'p-1' },
    tracer: noTracer,
  })
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
    expect(await perform({ operation: promote, handler: run }, asked())).toEqual({ done: true })
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
    await expect(perform({ operation: promote, handler: fail }, asked())).rejects.toMatchObject({
      code: 'frozen',
    })
    expect(happened).toEqual(['asked', 'failed'])
    expect(written[1]).toMatchObject({ intentId: 'intent-1', payload: { code: 'frozen' } })
  })

  it('does not act when the journal cannot write, save on the data plane', async () => {
    const { perform, run, asked, happened } = door({ journal: { write: unavailable } })
    await expect(perform({ operation: promote, handler: run }, asked())).rejects.toMatchObject({
      code: 'audit_unavailable',
    })
    expect(happened).toEqual([])
    expect(await perform({ operation: append, handler: run }, asked())).toEqual({ done: true })
    expect(await perform({ operation: read, handler: run }, asked())).toEqual({ done: true })
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
    await expect(perform({ operation: promote, handler: run }, asked())).rejects.toMatchObject({
      code: 'audit_unavailable',
    })
    expect(phases).toEqual(['asked', 'done'])
  })

  it('answers with the failure of the act also when that cannot be recorded', async () => {
    const { perform, asked } = door({
      journal: { write: ({ phase }) => (phase === 'asked' ? Promise.resolve('intent-1') : unavailable()) },
    })
    const fail = async () => {
      throw fault('frozen')
    }
    await expect(perform({ operation: promote, handler: fail }, asked())).rejects.toMatchObject({
      code: 'frozen',
    })
  })

  it('records neither reads nor the data plane', async () => {
    const { perform, run, asked, happened } = door()
    await perform({ operation: read, handler: run }, asked())
    await perform({ operation: append, handler: run }, asked())
    expect(happened).toEqual(['run', 'run'])
  })

  it.each([
    ['nobody', promote, { actor: nobody }, 'unauthenticated'],
    ['one without the permission', secret, {}, 'forbidden'],
    ['an input that does not match', promote, { input: { release: 7 } }, 'invalid'],
    ['an act that cannot say what it would do', unseen, {}, 'not_built'],
    ['another tenant at home', atHome, { actor: { ...actor, tenant: 'other' } }, 'home_only'],
    ['a class that may not', people, { actor: { ...actor, class: 'service' } }, 'class_not_accepted'],
    [
      'a danger by anybody but an operator',
      unseen,
      { actor: { ...actor, class: 'service' } },
      'class_not_accepted',
    ],
    ['a gate that would act', promote, { actor: { ...actor, class: 'gate' } }, 'class_not_accepted'],
  ] as const)('refuses %s, records the refusal, and does not act', async (_, asking, rest, code) => {
    const { perform, run, asked, happened, refusals } = door()
    await expect(perform({ operation: asking, handler: run }, asked(rest))).rejects.toMatchObject({ code })
    expect(happened).toEqual([])
    expect(refusals).toMatchObject([{ operation: asking.name, code, by: 'c-1', requestId: 'q-1' }])
  })

  it('journals what operators do where others are proved by their logs', async () => {
    const { perform, run, asked, happened } = door()
    await perform({ operation: mint, handler: run }, asked())
    expect(happened).toEqual(['asked', 'run', 'done'])
    await perform({ operation: mint, handler: run }, asked({ actor: { ...actor, class: 'service' } }))
    expect(happened).toEqual(['asked', 'run', 'done', 'run'])
  })

  it('keeps secrets of an input out of the journal', async () => {
    const { perform, run, asked, written } = door()
    const given = asked({ input: { release: 'r1', code: '123456' } })
    await perform({ operation: signIn, handler: run }, given)
    expect(written[0]?.payload).toEqual({ input: { release: 'r1', code: '[redacted]' } })
  })

  it('goes on signing in where the area is switched off', async () => {
    const { perform, run, asked } = door({ off: 'releases' })
    const given = asked({ input: { release: 'r1', code: '123456' } })
    expect(await perform({ operation: signIn, handler: run }, given)).toEqual({ done: true })
  })

  it('says every issue of an input by its path', async () => {
    const { perform, run, asked } = door()
    await expect(perform({ operation: promote, handler: run }, asked({ input: {} }))).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path: ['release'] }],
    })
  })

  it('reads nothing of a body from those it refuses', async () => {
    const { perform, run, asked } = door()
    const body = async () => {
      throw new Error('was read')
    }
    await expect(perform({ operation: secret, handler: run }, asked({ input: body }))).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(perform({ operation: promote, handler: run }, asked({ input: body }))).rejects.toThrow(
      'was read',
    )
  })

  it('lets reads go on in an area that is switched off', async () => {
    const { perform, run, asked, refusals } = door({ off: 'releases' })
    await expect(perform({ operation: promote, handler: run }, asked())).rejects.toMatchObject({
      code: 'switched_off',
    })
    expect(await perform({ operation: read, handler: run }, asked())).toEqual({ done: true })
    expect(await perform({ operation: append, handler: run }, asked())).toEqual({ done: true })
    expect(refusals).toHaveLength(1)
  })
})
