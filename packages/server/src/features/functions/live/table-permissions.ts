import type { Permissions, Permitted } from '../rights/permitted.ts'
import { coalesce } from './coalesce.ts'

/** How old what is known may grow before it is asked for anew, ms. */
const fresh = 400

/** What tables permit, as operators have set it. */
export interface TablePermissions {
  /** Asks the store, also for all who read it through `permitted`. */
  read(tenant: string): Promise<Permissions>
  /**
   * What was last read, and asks anew when that is older than 400 ms: who asks several times a second learns of a
   * restriction within the second.
   */
  known(tenant: string): Permissions
}

/** Makes what keeps an eye on tables' permissions for as long as streams ask for them. */
export function createTablePermissions(needs: {
  readonly permitted: Permitted
  readonly now: () => number
}): TablePermissions {
  const { permitted, now } = needs
  const none: Permissions = new Map()
  const held = new Map<string, { at: number; asking: boolean; permissions: Permissions }>()
  const asks = new Map<string, () => Promise<Permissions>>()

  function read(tenant: string): Promise<Permissions> {
    let ask = asks.get(tenant)
    if (ask === undefined) {
      ask = coalesce(async () => {
        permitted.forget(tenant)
        const permissions = await permitted.of(tenant)
        held.set(tenant, { at: now(), asking: false, permissions })
        return permissions
      })
      asks.set(tenant, ask)
    }
    return ask()
  }

  return {
    read,
    known(tenant) {
      const mine = held.get(tenant)
      if (mine === undefined) return none
      if (!mine.asking && now() - mine.at > fresh) {
        mine.asking = true
        // A store that is away for a moment ends no stream; it is asked again.
        read(tenant).catch(() => {
          mine.asking = false
        })
      }
      return mine.permissions
    },
  }
}
