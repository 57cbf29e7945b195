import { operations } from '@quarterdeck/sdk/contract'
import { describe, expect, it } from 'vitest'
import { developerPermissions, rolePermissions } from './roles.ts'

const known = [
  'records:read',
  'records:write',
  'identity:read',
  'secrets:read',
  'releases:promote',
  'public',
  'identity:self',
  'records:read',
].map((permission) => ({ permission }))

describe('the roles', () => {
  it('let a viewer read everything but identity and secrets', () => {
    expect(rolePermissions('viewer', known)).toEqual(['records:read'])
    const all = rolePermissions('viewer', operations())
    expect(all).toContain('telemetry:read')
    expect(all.filter((permission) => !permission.endsWith(':read'))).toEqual([])
  })

  it('each hold what the one before holds, and theirs', () => {
    const support = ['records:read', 'assistant:chat', 'assistant:approve-own', 'identity:read']
    const developer = [...support, 'functions:*', 'records:write', 'telemetry:write']
    expect(rolePermissions('support', known)).toEqual(support)
    expect(rolePermissions('developer', known)).toEqual(developer)
    expect(rolePermissions('operator', known)).toEqual([
      ...developer,
      'releases:*',
      'flags:*',
      'secrets:*',
      'assistant:approve',
      'identity:tokens',
      'identity:breakGlass',
    ])
  })

  it('let an owner do everything, and a token of the settings what a developer does, and make tokens', () => {
    expect(rolePermissions('owner', known)).toEqual(['*'])
    expect(developerPermissions(known)).toEqual([...rolePermissions('developer', known), 'identity:tokens'])
  })
})
