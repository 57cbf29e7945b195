import type { Actor } from '@quarterdeck/sdk/actor'
import { describe, expect, it } from 'vitest'
import { fromHere } from '../../../core/perform.ts'
import { sessionHandlers } from './handlers.ts'

const signal = new AbortController().signal
const asked = { requestId: 'r', signal, from: fromHere, reply: {} }
const actor = (kind: Actor['class']): Actor => ({
  tenant: 't',
  principal: 'p',
  class: kind,
  permissions: [],
  credential: 'c',
})

describe('transactions across calls', () => {
  const told: unknown[] = []
  const { begin, commit, abort } = sessionHandlers({
    sessions: {
      async begin(caller, isolation) {
        told.push([caller.principal, isolation])
        return { sessionId: 's', snapshot: 0, expiresAt: '' }
      },
      commit: async () => ({ number: 1 }),
      abort: async () => undefined,
      within: async () => {
        throw new Error('not asked for')
      },
    },
  })

  it('are for whoever brings a credential that acts', async () => {
    for (const kind of ['user', 'service', 'operator', 'producer'] as const) {
      await begin({ ...asked, actor: actor(kind), input: { isolation: 'serializable' } })
      expect(await commit({ ...asked, actor: actor(kind), input: { sid: 's' } })).toEqual({ number: 1 })
      expect(await abort({ ...asked, actor: actor(kind), input: { sid: 's' } })).toBeUndefined()
    }
    expect(told).toEqual(Array.from({ length: 4 }, () => ['p', 'serializable']))
    for (const [kind, code] of [
      ['anonymous', 'unauthenticated'],
      ['gate', 'class_not_accepted'],
    ] as const) {
      await expect(begin({ ...asked, actor: actor(kind), input: {} })).rejects.toMatchObject({ code })
      await expect(commit({ ...asked, actor: actor(kind), input: { sid: 's' } })).rejects.toMatchObject({
        code,
      })
      await expect(abort({ ...asked, actor: actor(kind), input: { sid: 's' } })).rejects.toMatchObject({
        code,
      })
    }
  })
})
