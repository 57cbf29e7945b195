import type { Tables } from '../../../ports/tables.ts'

export type Permissions = ReadonlyMap<string, number>

/** What the tables of tenants permit, as of at most a second ago. */
export interface Permitted {
  /** By table; a promise only when it has to be asked for. */
  of(tenant: string): Permissions | Promise<Permissions>
  /** Asks anew at the next need: somebody in this process changed it. */
  forget(tenant: string): void
}

const freshMs = 500
const keptMs = 1_000

interface Known {
  /** When it was asked for, Unix ms; what came back was true then or later. */
  readonly at: number
  readonly permissions: Permissions
}

/** Knows what tables permit without asking for each call: what is half a second old is renewed while it still serves. */
export function createPermitted(needs: {
  readonly tables: Pick<Tables, 'permissions'>
  readonly now: () => number
}): Permitted {
  const { tables, now } = needs
  const known = new Map<string, Known>()
  const asking = new Map<string, Promise<Permissions>>()

  function ask(tenant: string): Promise<Permissions> {
    const under = asking.get(tenant)
    if (under !== undefined) return under
    const at = now()
    const asked = tables.permissions(tenant).then(
      (permissions) => {
        // What was forgotten meanwhile may be what it was before the change.
        if (asking.get(tenant) === asked) {
          asking.delete(tenant)
          known.set(tenant, { at, permissions })
        }
        return permissions
      },
      (error: unknown) => {
        if (asking.get(tenant) === asked) asking.delete(tenant)
        throw error
      },
    )
    asking.set(tenant, asked)
    return asked
  }

  return {
    of(tenant) {
      const found = known.get(tenant)
      if (found === undefined) return ask(tenant)
      const age = now() - found.at
      if (age >= keptMs || age < 0) return ask(tenant)
      // Whoever needs it once this has failed hears of it.
      if (age >= freshMs && !asking.has(tenant)) ask(tenant).catch(() => undefined)
      return found.permissions
    },
    forget(tenant) {
      known.delete(tenant)
      asking.delete(tenant)
    },
  }
}
