import { operations } from '@quarterdeck/sdk/contract'
import { beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { prepare } from '../store.ts'
import {
  callOf,
  codeOf,
  day,
  type Engines,
  hour,
  minute,
  owner,
  type Replica,
  replica,
  seedOf,
  until,
} from './tokens.test-kit.ts'

let engines: Engines
let open: Replica[]

beforeEach(() => {
  engines = memoryEngines()
  open = []
  return async () => {
    for (const one of open) await one.part.stop()
  }
})

async function start(name: string, more: Parameters<typeof replica>[1] = {}): Promise<Replica> {
  await prepare(engines.tables)
  const made = replica(engines, { ...more, name })
  await made.part.start()
  open.push(made)
  return made
}

const mint = async (at: Replica, ttl = 86_400) =>
  (await at.part.handlers.mintToken(callOf(owner, { class: 'user', subject: 'u', ttl }))).accessToken
const kids = async (at: Replica) => (await at.part.jwks()).map(({ kid }) => kid)
const states = async (at: Replica) =>
  (await at.part.handlers.listKeys(callOf(owner, {}))).items.map(({ state }) => state)
const rotate = (at: Replica) => at.part.handlers.rotateKeys(callOf(owner, {}))
const sameEverywhere = async (...replicas: Replica[]) => {
  const sets = await Promise.all(replicas.map(async (at) => JSON.stringify(await at.part.jwks())))
  return new Set(sets).size === 1
}
const byRotation = async (replicas: readonly Replica[]) => {
  for (const at of replicas) await at.part.rotateIfDue()
}

describe('signing keys in the database', () => {
  it('are the same for replicas that start at once', async () => {
    const all = await Promise.all(['one', 'two', 'three'].map((name) => start(name)))
    expect(await sameEverywhere(...all)).toBe(true)
    expect(await kids(all[0] as Replica)).toHaveLength(1)
    expect(await states(all[1] as Replica)).toEqual(['current'])
  })

  it('rotate in steps, and every token is taken everywhere all the while', async () => {
    const one = await start('one')
    const two = await start('two')
    const both = [one, two] as const
    const tokens: { text: string; until: number }[] = []

    /** Both sign, both take what is alive, and both publish the same. */
    async function servesAll(): Promise<void> {
      await byRotation(both)
      await until(() => sameEverywhere(...both))
      for (const at of both) tokens.push({ text: await mint(at), until: engines.clock.at + day })
      for (const { text, until: end } of tokens.filter((token) => token.until > engines.clock.at))
        for (const at of both) expect(await codeOf(at.by(text)), String(end)).toBe('done')
    }

    await servesAll()
    const [first] = await kids(one)
    await rotate(two)
    await servesAll()
    expect(await states(one)).toEqual(['next', 'current'])
    expect(await kids(one)).toHaveLength(2)
    engines.clock.at += 10 * minute - 1
    await servesAll()
    expect(await states(two)).toEqual(['next', 'current'])
    engines.clock.at += 1
    await servesAll()
    expect(await states(two)).toEqual(['current', 'previous'])
    engines.clock.at += day - 1
    await servesAll()
    engines.clock.at += day
    await servesAll()
    expect(await states(one)).toEqual(['current', 'previous'])
    engines.clock.at += 1
    await servesAll()
    expect(await states(one)).toEqual(['current', 'retired'])
    expect(await kids(two)).not.toContain(first)
  })

  it('rotate by themselves after 90 days', async () => {
    const one = await start('one')
    engines.clock.at += 90 * day - 1
    await one.part.rotateIfDue()
    expect(await states(one)).toEqual(['current'])
    engines.clock.at += 1
    await one.part.rotateIfDue()
    expect(await states(one)).toEqual(['next', 'current'])
  })

  it('get one successor, however often and by how many it is asked for', async () => {
    const one = await start('one')
    const two = await start('two')
    await Promise.all([rotate(one), rotate(two), rotate(one)])
    await rotate(two)
    expect(await states(one)).toEqual(['next', 'current'])
    await until(() => sameEverywhere(one, two))
  })

  it('are rotated by one replica at a time', async () => {
    const one = await start('one')
    await engines.keep.lease('identity/keys', 'another', minute)
    engines.clock.at += 90 * day
    await engines.keep.lease('identity/keys', 'another', minute)
    await one.part.rotateIfDue()
    expect(await states(one)).toEqual(['current'])
    engines.clock.at += minute
    await one.part.rotateIfDue()
    expect(await states(one)).toEqual(['next', 'current'])
  })

  it('sign on when a replica was away while they were rotated', async () => {
    const one = await start('one')
    const early = await mint(one)
    await rotate(one)
    engines.clock.at += 11 * minute
    await one.part.rotateIfDue()
    const two = await start('two')
    expect(await codeOf(two.by(early))).toBe('done')
    expect(await codeOf(one.by(await mint(two)))).toBe('done')
  })

  it('show what rotating would do, and keep to it until somebody is first', async () => {
    const one = await start('one')
    const { rotateKeys } = one.part.showing
    const before = await rotateKeys?.(callOf(owner, {}))
    engines.clock.at += hour
    expect(await rotateKeys?.(callOf(owner, {}))).toEqual(before)
    await rotate(one)
    expect(await rotateKeys?.(callOf(owner, {}))).not.toEqual(before)
  })

  it('are sealed, and not kept once they sign no more', async () => {
    const one = await start('one')
    await rotate(one)
    engines.clock.at += 10 * minute
    await one.part.rotateIfDue()
    const { rows } = await one.store.view().page('keys', { limit: 10 })
    expect(rows.map(({ state, privateKey }) => [state, privateKey.length > 90])).toEqual(
      expect.arrayContaining([
        ['current', true],
        ['previous', false],
      ]),
    )
  })
})

describe('the secret that seals the signing keys', () => {
  const later = { secret: '22'.repeat(32) }

  it('is needed to start', async () => {
    await start('one')
    await expect(start('two', later)).rejects.toThrow(expect.objectContaining({ name: 'KeySetMismatch' }))
  })

  it('may be changed: the one before opens, and replicas that know it alone still start', async () => {
    const one = await start('one')
    const token = await mint(one)
    const two = await start('two', { ...later, secretPrevious: '11'.repeat(32) })
    expect(await codeOf(two.by(token))).toBe('done')
    expect(await codeOf(one.by(await mint(two)))).toBe('done')
    const old = await start('three')
    expect(await codeOf(two.by(await mint(old)))).toBe('done')
    const after = await start('four', later)
    expect(await codeOf(after.by(token))).toBe('done')
  })
})

describe('signing keys of the settings', () => {
  const [a, b, c] = [seedOf('a'), seedOf('b'), seedOf('c')]
  const seeds = (current: typeof a, next: typeof a | null = null, previous: typeof a | null = null) => ({
    seeds: { current: current.text, next: next?.text ?? null, previous: previous?.text ?? null },
  })

  it('are published under their thumbprints', async () => {
    const one = await start('one', seeds(b, c, a))
    const { calculateJwkThumbprint } = await import('jose')
    expect(await kids(one)).toEqual([a, b, c].map(({ pair }) => pair.kid).sort())
    for (const key of await one.part.jwks())
      expect(key.kid).toBe(await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: key.x ?? '' }))
    expect(await states(one)).toEqual(['next', 'current', 'previous'])
    expect(await codeOf(rotate(one))).toBe('invalid')
  })

  it('roll from one set to the next: every replica takes the tokens of all, and each is ready', async () => {
    const stages = [seeds(a), seeds(a, b), seeds(b, null, a), seeds(b)]
    let running = [await start('r0', stages[0]), await start('r1', stages[0])]
    let tokens = await Promise.all(running.map((at) => mint(at)))
    for (const [stage, settings] of stages.slice(1).entries()) {
      // The last stage waits until what the old key signed has ended.
      if (stage === 2) {
        engines.clock.at += 2 * day
        tokens = await Promise.all(running.map((at) => mint(at)))
      }
      for (const slot of [0, 1]) {
        const [leaves] = running.splice(slot, 1)
        await leaves?.part.stop()
        running.splice(slot, 0, await start(`r${slot}-${stage}`, settings))
        for (const at of running) {
          expect(at.part.ready()).toBeNull()
          tokens.push(await mint(at))
        }
        for (const at of running) for (const token of tokens) expect(await codeOf(at.by(token))).toBe('done')
      }
      expect(await sameEverywhere(...running)).toBe(true)
    }
    running = []
  })

  it('keep a replica from being ready while another does not publish its key', async () => {
    await start('one', seeds(a))
    const skipped = await start('two', seeds(b, null, a))
    expect(skipped.part.ready()).toBe('kid_unpublished')
    const announced = await start('three', seeds(a, b))
    expect(announced.part.ready()).toBeNull()
  })

  it('forget replicas that have not been heard of for 15 s', async () => {
    await start('one', seeds(a))
    engines.clock.at += 15_000
    expect((await start('two', seeds(b))).part.ready()).toBeNull()
  })
})

it('every operation of the contract that rotates names a proof', () => {
  expect(operations().find(({ name }) => name === 'identity.rotateKeys')?.proof).toEqual({ word: 'ROTATE' })
})
