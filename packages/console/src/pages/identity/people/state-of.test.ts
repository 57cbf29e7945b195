import type { Operator } from '@quarterdeck/sdk/contract/identity'
import { expect, test } from 'vitest'
import { stateOf } from './state-of.ts'

const person: Operator = {
  id: 'o-1',
  email: 'mia@shop.example',
  name: 'Mia',
  memberships: [],
  subjects: [],
  enrolled: false,
  invitedUntil: null,
  disabledAt: null,
  createdAt: '2026-05-01T00:00:00Z',
}
const now = Date.parse('2026-05-03T00:00:00Z')

test('a person is active, invited for as long as the invitation lasts, or disabled whatever else', () => {
  expect(stateOf(person, now).word).toBe('active')
  expect(stateOf({ ...person, invitedUntil: '2026-05-04T00:00:00Z' }, now).word).toBe('invited')
  expect(stateOf({ ...person, invitedUntil: '2026-05-02T00:00:00Z' }, now).word).toBe('invitation lapsed')
  const disabled = { ...person, invitedUntil: '2026-05-04T00:00:00Z', disabledAt: '2026-05-02T00:00:00Z' }
  expect(stateOf(disabled, now)).toMatchObject({ word: 'disabled', until: '2026-05-02T00:00:00Z' })
})
