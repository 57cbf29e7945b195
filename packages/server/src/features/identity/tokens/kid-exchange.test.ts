import { beforeEach, describe, expect, it } from 'vitest'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import type { Keep } from '../../../ports/keep.ts'
import { createKidExchange, type KidExchange } from './kid-exchange.ts'
import { seedOf } from './tokens.test-kit.ts'

describe('replicas that tell each other their keys', () => {
  let at = 0
  let keep: Keep
  beforeEach(() => {
    at = Date.parse('2026-05-03T09:30:00Z')
    keep = memoryKeep({ now: () => at })
  })

  /** A replica that signs with the first of its keys and publishes all. */
  const replica = (process: string, ...keys: readonly string[]) => {
    const [signs = ''] = keys
    return createKidExchange({
      keep,
      keys: {
        signer: async () => ({ kid: signs, key: seedOf(signs).pair.privateKey }),
        published: async () => keys.map((kid) => ({ kid })),
      },
      environment: 'test',
      process,
    })
  }
  async function beat(...replicas: readonly KidExchange[]): Promise<(string | null)[]> {
    for (const one of replicas) await one.beat()
    return replicas.map((one) => one.ready())
  }

  it('are not put out of service by a stranger among them, who is never in it', async () => {
    const [one, two, stranger] = [replica('one', 'a'), replica('two', 'a'), replica('three', 'x')]
    await beat(one, two)
    for (let round = 0; round < 3; round += 1) {
      expect(await beat(stranger, one, two)).toEqual(['kid_unpublished', null, null])
      // Nor are those that start while it is there.
      expect(await beat(replica(`late ${round}`, 'a'))).toEqual([null])
      at += 5_000
    }
  })

  it('go out of service for one that is in it and does not take their tokens', async () => {
    const [old, hasty] = [replica('old', 'a', 'b'), replica('hasty', 'b')]
    await beat(old)
    expect(await beat(hasty, old)).toEqual([null, 'kid_unpublished'])
    await hasty.leave()
    expect(await beat(old)).toEqual([null])
  })

  it('that begin at one moment with other keys are never both in service', async () => {
    const both = [replica('one', 'a'), replica('two', 'b')]
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(both.map((one) => one.beat()))
      expect(both.filter((one) => one.ready() === null).length).toBeLessThan(2)
    }
  })
})
