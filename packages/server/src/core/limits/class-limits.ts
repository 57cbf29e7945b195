import type { Meter } from '../meter.ts'
import { countVerdict } from './count-verdict.ts'
import type { Limit, Limiter, Verdict } from './limiter.ts'

/** What a call counts as. */
export type LimitClass = 'chat' | 'ingest' | 'default'

/** The limits of verified principals, by class. */
export interface ClassLimits {
  /**
   * Counts `cost` (1 unless said) for a principal of a tenant and of a class of actors: a function user who goes by the
   * name of a service does not use up what that has. A tier is the one stored with the credential. Null: limits are
   * switched off. Throws `dependency_unavailable` when the store is lost and nothing passes then.
   */
  take(
    who: {
      readonly tenant: string
      readonly class: string
      readonly principal: string
      readonly tier?: string | undefined
    },
    limitClass: LimitClass,
    cost?: number,
  ): Promise<Verdict | null>
}

/** Makes the limits of the classes. A tier's limits stand in for the class's; a tier nobody knows has none of its own. */
export function createClassLimits(needs: {
  readonly limiter: Limiter
  readonly enabled: boolean
  readonly limits: Readonly<Record<LimitClass, readonly Limit[]>>
  readonly tiers: Readonly<Record<string, Partial<Readonly<Record<LimitClass, readonly Limit[]>>>>>
  readonly meter: Meter
}): ClassLimits {
  const { limiter, enabled, limits, meter } = needs
  const tiers = new Map(Object.entries(needs.tiers))

  return {
    async take({ tenant, class: actorClass, principal, tier }, limitClass, cost = 1) {
      if (!enabled) return null
      const own = tier === undefined ? undefined : tiers.get(tier)?.[limitClass]
      const key = JSON.stringify(['principal', tenant, actorClass, principal, limitClass])
      const verdict = await limiter.take(key, own ?? limits[limitClass], { cost })
      countVerdict(meter, limitClass, verdict)
      return verdict
    },
  }
}
