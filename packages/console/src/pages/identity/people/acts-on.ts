import type { Operator } from '@quarterdeck/sdk/contract/identity'
import { stateOf } from './state-of.ts'

/** What can be done about a person. */
export type ActKind = 'invite' | 'role' | 'disable' | 'reset' | 'sessions'

interface Act {
  readonly kind: ActKind
  readonly label: string
  readonly danger?: boolean
}

/** What makes sense for a person at a time, Unix ms. `safe`: what needs no proof, and so no second factor. */
export function actsOn(operator: Operator, allowed: 'all' | 'safe', now: number): Act[] {
  const { word } = stateOf(operator, now)
  const out = word === 'disabled' || word === 'invitation lapsed'
  const all: readonly (Act & { readonly sensible: boolean; readonly safe: boolean })[] = [
    { kind: 'invite', label: 'Invite again', sensible: out, safe: true },
    { kind: 'sessions', label: 'Sessions', sensible: true, safe: true },
    { kind: 'role', label: 'Change role', sensible: true, safe: false },
    {
      kind: 'reset',
      label: 'Reset second factor',
      danger: true,
      sensible: operator.enrolled,
      safe: false,
    },
    { kind: 'disable', label: 'Disable', danger: true, sensible: word !== 'disabled', safe: false },
  ]
  return all
    .filter(({ sensible, safe }) => sensible && (safe || allowed === 'all'))
    .map(({ sensible: _, safe: __, ...act }) => act)
}
