import { decisionAttributes } from '../core/journal.ts'
import { sealDecision } from '../platform.ts'
import type { Stored } from '../ports/log.ts'

const noHash = '0'.repeat(64)

/** Looks at the entries of one log of one tenant, one after the other. */
export interface EntryChecker {
  /** What is wrong with this entry; null when nothing is. */
  look(entry: Stored): string | null
  /** The last position looked at. */
  position(): number
  chained(): boolean
}

/** Makes a checker of what follows a position. `holes`: positions may be missing, as some entries are pruned alone. */
export function entryChecker(needs: { readonly after: number; readonly holes: boolean }): EntryChecker {
  let position = needs.after
  let tip = needs.after === 0 ? noHash : null
  let chained = false

  function brokenChain(entry: Stored): string | null {
    const { hash, prevHash } = entry
    if (hash === undefined || prevHash === undefined) return null
    chained = true
    if (tip !== null && prevHash !== tip) return `the chain breaks at position ${entry.position}`
    const told = decisionAttributes(JSON.parse(entry.payload))
    const edited = Object.entries(told).some(([name, value]) => (entry.attributes[name] ?? null) !== value)
    if (edited || sealDecision({ ...entry, prevHash }) !== hash)
      return `the entry at position ${entry.position} was changed`
    tip = hash
    return null
  }

  return {
    look(entry) {
      if (entry.position <= position) return `position ${entry.position} stands twice or out of order`
      if (!needs.holes && entry.position !== position + 1) return `position ${position + 1} is missing`
      const broken = brokenChain(entry)
      position = entry.position
      return broken
    },
    position: () => position,
    chained: () => chained,
  }
}
