import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { HistoryGone, type Tables, TablesLost } from '../../../ports/tables.ts'
import { prepare } from '../store.ts'
import {
  callOf,
  codeOf,
  type Engines,
  operatorIn,
  owner,
  type Replica,
  replica,
  until,
} from './tokens.test-kit.ts'

let engines: Engines
let one: Replica
let two: Replica
/** What the second replica has of its store: all, no feed, or nothing. */
let reach: 'all' | 'no feed' | 'lost' | 'silent' | 'purged'

/** The same tables, as far as they can be reached. */
function reachable(tables: Tables): Tables {
  const never = new Promise<never>(() => undefined)
  const guard = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    if (reach === 'lost') throw new TablesLost('away')
    return reach === 'silent' ? never : run()
  }
  return {
    ...tables,
    begin(options) {
      const tx = tables.begin(options)
      return {
        ...tx,
        snapshot: () => guard(tx.snapshot),
        get: (table, id) => guard(() => tx.get(table, id)),
        query: (table, query) => guard(() => tx.query(table, query)),
      }
    },
    async *changes(tenant, after, signal) {
      for await (const commit of tables.changes(tenant, after, signal)) {
        if (reach === 'purged') {
          reach = 'all'
          throw new HistoryGone('purged')
        }
        if (reach !== 'all') throw new TablesLost('away')
        yield commit
      }
    },
  }
}

beforeEach(async () => {
  const clock = { at: Date.parse('2026-05-03T09:30:00Z') }
  const now = () => clock.at
  reach = 'all'
  const tables = memoryTables({ now, randomId: randomUUID })
  engines = { clock, keep: memoryKeep({ now }), tables }
  await prepare(tables)
  one = replica(engines)
  two = replica({ ...engines, tables: reachable(tables) }, { name: 'two' })
  await one.part.start()
  await two.part.start()
})
afterEach(async () => {
  await one.part.stop()
  await two.part.stop()
})

const make = () =>
  one.part.handlers.createToken(callOf(owner, { kind: 'service', label: 'a', scopes: ['records:read'] }))
const knows = (at: Replica, token: string) =>
  at.part.authenticator.known({ kind: 'bearer', value: token, origin: null })

describe('a revocation', () => {
  it('reaches the other replica, and what it has open', async () => {
    const { id, token } = await make()
    const verified = await two.by(token)
    // The note of its first use makes the row new; from then on it is remembered.
    await until(async () => {
      await two.by(token)
      return knows(two, token)
    })
    await one.part.handlers.revokeToken(callOf(owner, { id }))
    await until(() => !knows(two, token))
    expect(await codeOf(two.by(token))).toBe('credential_revoked')
    expect(await codeOf(verified.again())).toBe('credential_revoked')
  })

  it('of an operator’s epoch reaches the other replica', async () => {
    await operatorIn(one, 'olga')
    const { accessToken } = await one.part.families.open({
      class: 'operator',
      subject: 'olga',
      tenant: 'home',
      groups: [],
      epoch: 0,
      ttlSeconds: 900,
    })
    await two.by(accessToken)
    await operatorIn(one, 'olga', { epoch: 1 })
    await until(async () => (await codeOf(two.by(accessToken))) === 'credential_revoked')
  })

  it('by a replayed refresh token reaches the other replica', async () => {
    const who = {
      class: 'user',
      subject: 'u',
      tenant: 'home',
      groups: [],
      epoch: 0,
      ttlSeconds: 900,
    } as const
    const first = await one.part.families.open(who)
    const second = await one.part.families.refresh(first.refreshToken ?? '')
    await two.by(second.accessToken)
    expect(await codeOf(one.part.families.refresh(first.refreshToken ?? ''))).toBe('refresh_invalid')
    await until(async () => (await codeOf(two.by(second.accessToken))) === 'credential_revoked')
  })
})

describe('a replica that does not hear of changes', () => {
  it('believes nothing that it remembers after five seconds, and asks the store', async () => {
    const { id, token } = await make()
    await until(async () => {
      await two.by(token)
      return knows(two, token)
    })
    reach = 'no feed'
    await one.part.handlers.revokeToken(callOf(owner, { id }))
    engines.clock.at += 4_999
    expect(knows(two, token)).toBe(true)
    engines.clock.at += 1
    expect(knows(two, token)).toBe(false)
    expect(await codeOf(two.by(token))).toBe('credential_revoked')
  })

  it('forgets all and hears again once what it missed was purged', async () => {
    const [{ id, token }, other] = [await make(), await make()]
    await until(async () => {
      await two.by(token)
      return knows(two, token)
    })
    reach = 'purged'
    await one.part.handlers.revokeToken(callOf(owner, { id }))
    await until(() => !knows(two, token))
    expect(await codeOf(two.by(token))).toBe('credential_revoked')
    await until(async () => {
      await two.by(other.token)
      return knows(two, other.token)
    })
    await one.part.handlers.revokeToken(callOf(owner, { id: other.id }))
    await until(() => !knows(two, other.token))
  })

  it('does not take a head that it can read for a feed that it hears', async () => {
    const { token } = await make()
    await two.by(token)
    reach = 'no feed'
    await make()
    engines.clock.at += 6_000
    // Beats go on, but what they say has not arrived.
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    await two.by(token)
    expect(knows(two, token)).toBe(false)
    reach = 'all'
    await until(async () => {
      await two.by(token)
      return knows(two, token)
    })
  })

  it('answers that a dependency is away when the store is gone too', async () => {
    const { token } = await make()
    await until(async () => {
      await two.by(token)
      return knows(two, token)
    })
    reach = 'lost'
    expect(await codeOf(two.by(token))).toBe('done')
    engines.clock.at += 5_000
    expect(await codeOf(two.by(token))).toBe('dependency_unavailable')
    reach = 'all'
    expect(await codeOf(two.by(token))).toBe('done')
  })

  it('waits five seconds for a store that says nothing, and no longer', async () => {
    const { token } = await make()
    const quick = replica(
      { ...engines, tables: reachable(engines.tables) },
      { name: 'three', pause: async (ms) => (ms === 5_000 ? undefined : new Promise(() => undefined)) },
    )
    reach = 'silent'
    expect(await codeOf(quick.by(token))).toBe('dependency_unavailable')
  })
})
