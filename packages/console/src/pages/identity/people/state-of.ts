import type { Operator } from '@quarterdeck/sdk/contract/identity'
import type { Tone } from '../../../parts/tone.ts'

/** Whether a person can sign in now. `until`: an instant that belongs to the word. */
export interface PersonState {
  readonly word: 'active' | 'invited' | 'invitation lapsed' | 'disabled'
  readonly tone: Tone
  readonly until?: string
}

/** The state of a person at a time, Unix ms. */
export function stateOf(operator: Operator, now: number): PersonState {
  if (operator.disabledAt !== null) return { word: 'disabled', tone: 'bad', until: operator.disabledAt }
  if (operator.invitedUntil === null) return { word: 'active', tone: 'good' }
  return Date.parse(operator.invitedUntil) > now
    ? { word: 'invited', tone: 'info', until: operator.invitedUntil }
    : { word: 'invitation lapsed', tone: 'warn', until: operator.invitedUntil }
}
