import type { CredentialItem } from '@quarterdeck/sdk/contract/identity'
import type { Tone } from '../../../parts/tone.ts'

/** Whether a token still opens anything. */
export interface TokenState {
  readonly word: 'works' | 'expired' | 'revoked'
  readonly tone: Tone
  /** Until when the secret before the last rotation works as well; null: it does not. */
  readonly overlapUntil: string | null
}

/** The state of a token at a time, Unix ms. */
export function tokenState(token: CredentialItem, now: number): TokenState {
  if (token.revokedAt !== null) return { word: 'revoked', tone: 'bad', overlapUntil: null }
  if (token.expiresAt !== null && Date.parse(token.expiresAt) <= now)
    return { word: 'expired', tone: 'warn', overlapUntil: null }
  const overlaps = token.overlapUntil !== null && Date.parse(token.overlapUntil) > now
  return { word: 'works', tone: 'good', overlapUntil: overlaps ? token.overlapUntil : null }
}
