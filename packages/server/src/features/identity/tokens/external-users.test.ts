import { describe, expect, it } from 'vitest'
import type { IssuedToken } from '../../../ports/issuers.ts'
import { createExternalUsers } from './external-users.ts'
import { codeOf } from './tokens.test-kit.ts'

const issuer = 'https://id.example.com'
const clock = { at: 1_000_000 }
const externalUser = createExternalUsers({
  rules: [
    {
      issuer,
      tenantClaim: 'org',
      groupsClaim: 'groups',
      roles: { oncall: 'support' },
    },
  ],
  rolePermissions: (role) => [`${role}:does`],
  now: () => clock.at,
})
const said = (claims: Record<string, unknown>, more: Partial<IssuedToken> = {}): IssuedToken => ({
  issuer,
  sub: 's-1',
  claims: { org: 'home', ...claims },
  expiresAt: clock.at + 60_000,
  ...more,
})
const codeFor = (issued: IssuedToken) => codeOf(Promise.resolve().then(() => externalUser(issued)))

describe('a token of an external issuer', () => {
  it('stands for a function user of the tenant that it names', () => {
    expect(externalUser(said({ groups: ['staff', 'oncall'] }))).toMatchObject({
      actor: {
        tenant: 'home',
        principal: `${issuer}|s-1`,
        class: 'user',
        groups: ['staff', 'oncall'],
        permissions: ['assistant:chat', 'assistant:approve-own', 'support:does'],
        credential: expect.stringMatching(/^iss-[0-9a-f]{12}$/),
      },
      expiresAt: clock.at + 90_000,
    })
  })

  it('puts nobody into a group that follows from a class', () => {
    const { actor } = externalUser(said({ groups: ['operators', 'anonymous', 'services', 'gates', 'staff'] }))
    expect(actor.groups).toEqual(['staff'])
  })

  it('may name one group, none, or something that is no group', () => {
    expect(externalUser(said({ groups: 'oncall' })).actor.groups).toEqual(['oncall'])
    expect(externalUser(said({})).actor.groups).toEqual([])
    expect(externalUser(said({ groups: [1, {}] })).actor.groups).toEqual([])
    expect(externalUser(said({ groups: ['constructor'] })).actor.permissions).toHaveLength(2)
  })

  it('is refused without a tenant, after its end, and of an issuer without a rule', async () => {
    expect(await codeFor(said({ org: undefined }))).toBe('tenant_forbidden')
    expect(await codeFor(said({ org: '_identity' }))).toBe('tenant_forbidden')
    expect(await codeFor(said({}, { expiresAt: clock.at - 30_000 }))).toBe('credential_expired')
    expect(await codeFor(said({}, { expiresAt: clock.at - 29_999 }))).toBe('done')
    expect(await codeFor(said({}, { issuer: 'https://other.example.com' }))).toBe('unauthenticated')
  })
})
