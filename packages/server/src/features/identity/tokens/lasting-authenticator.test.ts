import type { Actor } from '@quarterdeck/sdk/actor'
import { type Code, fault } from '@quarterdeck/sdk/errors'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Authenticator, Credential } from '../../../core/authenticate.ts'
import { lastingAuthenticator } from './lasting-authenticator.ts'

describe('who was verified once', () => {
  let refusal: Code | null
  let remembered: boolean
  let lasting: Authenticator
  const actor = (): Actor => ({
    tenant: 'home',
    principal: 'ann',
    class: 'service',
    permissions: [],
    credential: 'c',
  })
  const inner: Authenticator = {
    async authenticate() {
      if (refusal !== null) throw fault(refusal)
      return { actor: actor(), again: async () => actor() }
    },
    known: () => remembered,
  }
  beforeEach(() => {
    refusal = null
    remembered = false
    lasting = lastingAuthenticator(inner, { most: 3 })
  })
  const by = (value: string, kind: Credential['kind'] = 'bearer') => ({ kind, value, origin: null })
  const enter = (value: string, kind?: Credential['kind']) =>
    lasting.authenticate(by(value, kind)).catch(() => null)

  it('stays known when what was remembered is void, in whatever header the token comes', async () => {
    expect(lasting.known(by('a'))).toBe(false)
    await enter('a')
    for (const kind of ['bearer', 'key', 'query'] as const) expect(lasting.known(by('a', kind))).toBe(true)
    expect([lasting.known(by('a', 'cookie')), lasting.known(by('b'))]).toEqual([false, false])
  })

  it.each(['credential_revoked', 'credential_expired', 'unauthenticated', 'tenant_forbidden'] as const)(
    'is a stranger after %s',
    async (code) => {
      await enter('a')
      refusal = code
      await enter('a')
      expect(lasting.known(by('a'))).toBe(false)
    },
  )

  it('stays known when nobody could tell', async () => {
    await enter('a')
    refusal = 'dependency_unavailable'
    await enter('a')
    expect(lasting.known(by('a'))).toBe(true)
  })

  it('is never known by a ticket, which is good once', async () => {
    await enter('a', 'ticket')
    expect(lasting.known(by('a', 'ticket'))).toBe(false)
  })

  it('is forgotten when too many others came since', async () => {
    for (const token of ['a', 'b', 'c', 'a', 'd']) await enter(token)
    expect(['a', 'b', 'c', 'd'].map((token) => lasting.known(by(token)))).toEqual([true, false, true, true])
  })

  it('is known where the memory says so', () => {
    remembered = true
    expect(lasting.known(by('a'))).toBe(true)
  })
})
