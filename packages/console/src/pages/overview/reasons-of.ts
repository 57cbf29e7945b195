import { arrays } from '@quarterdeck/sdk/contract/record'
import type { NeedsYou, OperatingState } from '@quarterdeck/sdk/contract/state'
import { text } from '../../parts/fields.ts'

/**
 * Looks up the reason that an object gives for the status it is needed for. Being unheard is no status, and an object
 * that has moved on since, or that was cut from the state, gives none.
 */
export function reasonsOf(state: OperatingState): (need: NeedsYou) => string | undefined {
  const wanted = new Set(state.needsYou.map(({ kind }) => kind))
  const reasons = new Map<string, string>()
  for (const kind of arrays.filter((name) => wanted.has(name))) {
    for (const { product, id, status = 'open', reason } of state[kind]) {
      const said = text(reason)
      if (said !== undefined) reasons.set(keyOf({ kind, product, id, why: status }), said)
    }
  }
  return (need) => reasons.get(keyOf(need))
}

function keyOf({ kind, product, id, why }: Omit<NeedsYou, 'since'>): string {
  return JSON.stringify([kind, product, id, why])
}
