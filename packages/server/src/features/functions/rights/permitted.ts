import { coalesce } from '../../../core/coalesce.ts'
import type { Tables } from '../../../ports/tables.ts'

export type Permissions = ReadonlyMap<string, number>

/** What the tables of tenants permit, as operators have set it. */
export interface Permitted {
  /** By table, as of at most a second ago; a promise only when it has to be asked for. */
  of(tenant: string): Permissions | Promise<Permissions>
  /** Asks the store, also on behalf of `of` and `heard`: a restriction before the asking is in the answer. */
  read(tenant: string): Promise<Permissions>
  /**
   * What was last heard, nothing before the first asking. Asks anew when that is older than 400 ms: who looks several
   * times a second sees a restriction within the second, and a store that is away for a moment changes nothing.
   */
  heard(tenant: string): Permissions
  /** Asks anew at the next need: somebody in this process changed it. */
  forget(tenant: string): void
}

const freshMs = 400
const keptMs = 1_000
const none: Permissions = new Map()

interface Known {
  /** When it was asked for, Unix ms; what came back was true then or later. Minus infinity: it was forgotten. */
  readonly at: number
  readonly permissions: Permissions
}

/** Knows what tables permit without asking for each call: what is 400 ms old is renewed while it still serves. */
export function createPermitted(needs: {
  readonly tables: Pick<Tables, 'permissions'>
  readonly now: () => number
}): Permitted {
  const { tables, now } = needs
  const known = new Map<string, Known>()
  const asking = new Map<string, Promise<Permissions>>()
  const reads = new Map<string, () => Promise<Permissions>>()

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

  function renew(tenant: string, age: number): void {
    // Whoever needs it once this has failed hears of it.
    if (age >= freshMs && !asking.has(tenant)) ask(tenant).catch(() => undefined)
  }

  function forget(tenant: string): void {
    const found = known.get(tenant)
    if (found !== undefined) known.set(tenant, { ...found, at: Number.NEGATIVE_INFINITY })
    asking.delete(tenant)
  }

  return {
    of(tenant) {
      const found = known.get(tenant)
      if (found === undefined) return ask(tenant)
      const age = now() - found.at
      if (age >= keptMs || age < 0) return ask(tenant)
      renew(tenant, age)
      return found.permissions
    },
    read(tenant) {
      let read = reads.get(tenant)
      if (read === undefined) {
        read = coalesce(() => {
          forget(tenant)
          return ask(tenant)
        })
        reads.set(tenant, read)
      }
      return read()
    },
    heard(tenant) {
      const found = known.get(tenant)
      if (found === undefined) return none
      renew(tenant, now() - found.at)
      return found.permissions
    },
    forget,
  }
}
