import type { CredentialItem } from '@quarterdeck/sdk/contract/identity'
import { expect, test } from 'vitest'
import { tokenState } from './token-state.ts'

const token: CredentialItem = {
  id: 'ABCDEFGHJKMN',
  kind: 'service',
  label: 'reporter',
  scopes: ['records:read'],
  createdBy: 'o-1',
  createdAt: '2026-05-01T00:00:00Z',
  expiresAt: '2026-05-09T00:00:00Z',
  overlapUntil: '2026-05-04T00:00:00Z',
  revokedAt: null,
  lastUsedAt: null,
}
const at = (day: number) => Date.parse(`2026-05-0${day}T12:00:00Z`)

test('a token works until it expires, and its former secret until the overlap ends', () => {
  expect(tokenState(token, at(3))).toMatchObject({ word: 'works', overlapUntil: token.overlapUntil })
  expect(tokenState(token, at(5))).toMatchObject({ word: 'works', overlapUntil: null })
  expect(tokenState(token, at(9))).toMatchObject({ word: 'expired', overlapUntil: null })
  expect(tokenState({ ...token, expiresAt: null, overlapUntil: null }, at(9)).word).toBe('works')
})

test('a revoked token is revoked, whatever else is true of it', () => {
  const revoked = { ...token, revokedAt: '2026-05-02T00:00:00Z' }
  expect(tokenState(revoked, at(3))).toMatchObject({ word: 'revoked', overlapUntil: null })
  expect(tokenState(revoked, at(9)).word).toBe('revoked')
})
