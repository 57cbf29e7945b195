import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { expect, test } from 'vitest'
import { whyNot } from './why-not.ts'

const session = (of: string, permissions: string[]): SessionView => ({
  actor: { principal: 'p', class: of, name: 'Mia', email: null },
  tenant: 'default',
  tenants: ['default'],
  roles: [],
  permissions,
  environment: { name: 'local', kind: 'other' },
  enrolled: false,
  expiresAt: null,
})

test('a page says why something cannot be done: the permission first, then who may', () => {
  const owner = session('operator', ['*'])
  const token = session('service', ['identity:*'])
  expect(whyNot(owner, 'identity:operators', { asOperator: true })).toBeUndefined()
  expect(whyNot(token, 'identity:operators')).toBeUndefined()
  expect(whyNot(token, 'identity:operators', { asOperator: true })).toContain('Sign in as an operator')
  expect(whyNot(session('operator', ['records:read']), 'identity:tokens')).toContain('identity:tokens')
})

test('everybody may do what is their own', () => {
  expect(whyNot(session('operator', []), 'identity:self')).toBeUndefined()
})
