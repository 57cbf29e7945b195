import type { Operator } from '@quarterdeck/sdk/contract/identity'
import { expect, test } from 'vitest'
import { actsOn } from './acts-on.ts'

const person: Operator = {
  id: 'o-1',
  email: 'mia@shop.example',
  name: 'Mia',
  memberships: [],
  subjects: [],
  enrolled: true,
  invitedUntil: null,
  disabledAt: null,
  createdAt: '2026-05-01T00:00:00Z',
}
const now = Date.parse('2026-05-03T00:00:00Z')
const kinds = (operator: Partial<Operator>, allowed: 'all' | 'safe' = 'all') =>
  actsOn({ ...person, ...operator }, allowed, now).map(({ kind }) => kind)

test('only what makes sense for a person is offered', () => {
  expect(kinds({})).toEqual(['sessions', 'role', 'reset', 'disable'])
  expect(kinds({ enrolled: false })).toEqual(['sessions', 'role', 'disable'])
  expect(kinds({ disabledAt: '2026-05-02T00:00:00Z' })).toEqual(['invite', 'sessions', 'role', 'reset'])
  expect(kinds({ enrolled: false, invitedUntil: '2026-05-02T00:00:00Z' })).toContain('invite')
  expect(kinds({ enrolled: false, invitedUntil: '2026-05-04T00:00:00Z' })).not.toContain('invite')
})

test('who can prove nothing is offered nothing that needs a proof', () => {
  expect(kinds({}, 'safe')).toEqual(['sessions'])
  expect(kinds({ disabledAt: '2026-05-02T00:00:00Z' }, 'safe')).toEqual(['invite', 'sessions'])
})
