import { describe, expect, it } from 'vitest'
import { hashOf } from '../secret-hash.ts'
import { createBootstrapTokens } from './bootstrap-tokens.ts'
import { codeOf } from './tokens.test-kit.ts'

const clock = { at: 1_000 }
const tokens = createBootstrapTokens({
  tokens: [
    { token: 'first', tenant: 'home', label: 'bootstrap' },
    {
      token: 'second',
      tenant: 'other',
      label: 'runner',
      scopes: ['records:write'],
      producers: [{ id: 'p', product: 'q' }],
      tier: 'gold',
      expiresAt: 2_000,
    },
  ],
  apiKeys: ['a-key'],
  homeTenant: 'home',
  permissions: ['records:read', 'identity:tokens'],
  now: () => clock.at,
})

describe('the tokens of the settings', () => {
  it('stand for services by their label', () => {
    expect(tokens.find('first')?.actor).toEqual({
      tenant: 'home',
      principal: 'bootstrap',
      class: 'service',
      permissions: ['records:read', 'identity:tokens'],
      credential: `env-${hashOf('first').slice(0, 12)}`,
    })
    expect(tokens.find('second')?.actor).toMatchObject({
      tenant: 'other',
      principal: 'runner',
      class: 'service',
      permissions: ['records:write'],
      producers: [{ id: 'p', product: 'q' }],
      tier: 'gold',
    })
    expect(tokens.find('third')).toBeNull()
  })

  it('an API key chats and completes, under a name made of its hash', () => {
    expect(tokens.find('a-key')?.actor).toMatchObject({
      tenant: 'home',
      principal: `key-${hashOf('a-key').slice(0, 8)}`,
      class: 'service',
      permissions: ['assistant:chat', 'assistant:approve-own', 'assistant:complete'],
    })
  })

  it('end when they say so', async () => {
    const id = tokens.find('second')?.actor.credential ?? ''
    expect(tokens.byCredential(id)?.actor.principal).toBe('runner')
    clock.at = 2_000
    expect(await codeOf(Promise.resolve().then(() => tokens.find('second')))).toBe('credential_expired')
    expect(tokens.byCredential(id)).toBeNull()
  })
})
