import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { expect, test } from 'vitest'
import { grantable } from './grantable.ts'

const holder = (...permissions: string[]): SessionView => ({
  actor: { principal: 'p', class: 'operator', name: 'Mia', email: null },
  tenant: 'default',
  tenants: ['default'],
  roles: [],
  permissions,
  environment: { name: 'local', kind: 'other' },
  enrolled: true,
  expiresAt: null,
})

test('a token is offered what its maker holds, and nothing that no token can use', () => {
  const all = grantable(holder('*'), 'service')
  expect(all).toContain('records:read')
  expect(all).toContain('identity:tokens')
  expect(all.filter((scope) => scope === 'public' || scope.includes('*') || scope.endsWith(':self'))).toEqual(
    [],
  )
  expect(grantable(holder('records:*', 'assistant:chat'), 'service')).toEqual([
    'assistant:chat',
    'records:read',
    'records:write',
  ])
  expect(grantable(holder(), 'service')).toEqual([])
})

test('a producer is offered writing alone', () => {
  expect(grantable(holder('*'), 'producer')).toEqual(['records:write', 'telemetry:write'])
  expect(grantable(holder('records:read', 'telemetry:write'), 'producer')).toEqual(['telemetry:write'])
})
