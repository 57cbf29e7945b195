import { z } from 'zod'
import type { Keep } from '../../../ports/keep.ts'
import type { SigningKeys } from './signing-keys.ts'

const aliveMs = 15_000

const Said = z.object({
  publishes: z.array(z.string()),
  /** Whether its own key is known to the others, so that it may serve. */
  serves: z.boolean(),
})

/** Replicas tell each other which keys they publish. */
export interface KidExchange {
  /** Says what this replica publishes, and looks at the others. To be called every 5 s. */
  beat(): Promise<void>
  /**
   * `kid_unpublished` while another replica does not publish the key that this one signs with; null when all is well.
   * One that may not serve itself refuses nobody's tokens, so it keeps no other from serving; but while none may, all
   * count.
   */
  ready(): 'kid_unpublished' | null
  /** Says that this replica is gone. */
  leave(): Promise<void>
}

/** Makes the exchange over `keep`. A replica that is not heard of for 15 s does not count. */
export function createKidExchange(needs: {
  readonly keep: Keep
  readonly keys: Pick<SigningKeys, 'signer' | 'published'>
  /** Replicas of one environment exchange. */
  readonly environment: string
  /** Names this run of this process. */
  readonly process: string
}): KidExchange {
  const { keep, keys } = needs
  const prefix = `identity/kids/${encodeURIComponent(needs.environment)}/`
  const mine = `${prefix}${needs.process}`
  let problem: 'kid_unpublished' | null = null
  let serves = false
  return {
    async beat() {
      const publishes = (await keys.published()).map(({ kid }) => kid)
      const say = () => keep.put(mine, JSON.stringify({ publishes, serves }), aliveMs)
      // Said before it is looked, so that of two that begin at once one sees the other.
      await say()
      const { kid } = await keys.signer()
      const others = (await keep.scan(prefix, 1_000))
        .filter(({ key }) => key !== mine)
        .map(({ value }) => Said.parse(JSON.parse(value)))
      const serving = others.filter((other) => other.serves)
      const counted = serves || serving.length > 0 ? serving : others
      const known = counted.every((other) => other.publishes.includes(kid))
      problem = known ? null : 'kid_unpublished'
      if (known === serves) return
      serves = known
      await say()
    },
    ready: () => problem,
    leave: async () => void (await keep.delete(mine)),
  }
}
