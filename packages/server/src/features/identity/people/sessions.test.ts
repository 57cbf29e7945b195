import { randomUUID } from 'node:crypto'
import type { Actor } from '@quarterdeck/sdk/actor'
import { beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { hashOf } from '../secret-hash.ts'
import { prepare } from '../store.ts'
import {
  asksLink,
  claimed,
  codeOf,
  day,
  hour,
  invited,
  minute,
  newBrowser,
  type Person,
  person,
  type Replica,
  replica,
} from './people.test-kit.ts'

let engines: Parameters<typeof replica>[0]
let one: Replica
let owner: Person
beforeEach(async () => {
  engines = memoryEngines()
  await prepare(engines.tables)
  one = replica(engines)
  owner = await claimed(one)
})
const pass = (ms: number) => {
  engines.clock.at += ms
}
const tokenOf = (who: Person) => who.browser.jar.get('session') ?? ''
const find = (who: Person) => one.part.sessions.find(tokenOf(who))
const stored = (who: Person) => one.store.view().get('sessions', hashOf(tokenOf(who)).slice(0, 24))

/** Somebody signed in once more, in a browser of their own. */
async function elsewhere(email = 'owner@example.com'): Promise<Person> {
  const who = person(newBrowser('203.0.113.9'))
  await who.ask(one, 'confirmLink', { token: (await asksLink(one, who, email)).token })
  return who
}

describe('a session', () => {
  it('is known by 32 random bytes, of which only the hash is stored', async () => {
    const token = tokenOf(owner)
    expect(Buffer.from(token, 'base64url').length).toBe(32)
    const found = await find(owner)
    expect(found?.id).toBe(hashOf(token).slice(0, 24))
    expect(found?.actor).toMatchObject({ class: 'operator', credential: found?.id, enrolled: false })
    expect(await stored(owner)).toMatchObject({ hash: hashOf(token), client: 'Firefox' })
    expect(JSON.stringify(await stored(owner))).not.toContain(token)
    expect(await one.part.sessions.find(`${token.slice(0, -1)}A`)).toBeNull()
    expect(await one.part.sessions.find('')).toBeNull()
    const known = await stored(owner)
    if (known === null) throw new Error('no session')
    const alike = { ...known, hash: `${known.hash.slice(0, -1)}${known.hash.endsWith('0') ? '1' : '0'}` }
    await one.store.change(async (view) => view.set('sessions', known.id, alike))
    expect(await find(owner)).toBeNull()
  })

  it('depends on its own row and its operator', async () => {
    const found = await find(owner)
    expect(found?.dependsOn).toEqual([`sessions/${found?.id}`, `operators/${found?.actor.principal}`])
    expect(found?.endsAt).toBe(engines.clock.at + 7 * day)
  })

  it('ends after eight hours without use', async () => {
    pass(8 * hour - 1)
    expect(await find(owner)).not.toBeNull()
    pass(8 * hour - 1)
    expect(await find(owner)).not.toBeNull()
    pass(8 * hour)
    expect(await find(owner)).toBeNull()
  })

  it('ends after seven days however much it is used', async () => {
    for (let hours = 0; hours < 7 * 24 - 4; hours += 4) {
      pass(4 * hour)
      expect(await find(owner)).not.toBeNull()
    }
    pass(4 * hour - 1)
    expect(await find(owner)).not.toBeNull()
    pass(1)
    expect(await find(owner)).toBeNull()
  })

  it("ends when its operator's epoch rises", async () => {
    const id = (await owner.actor(one)).principal
    await one.store.change(async (view) => {
      const doc = await view.get('operators', id)
      if (doc !== null) view.set('operators', id, { ...doc, epoch: doc.epoch + 1 })
    })
    expect(await find(owner)).toBeNull()
  })

  it('notes its use at most once a minute', async () => {
    const begun = engines.clock.at
    pass(minute)
    await find(owner)
    expect((await stored(owner))?.lastSeenAt).toBe(begun)
    pass(1)
    await find(owner)
    expect((await stored(owner))?.lastSeenAt).toBe(begun + minute + 1)
    pass(minute + 1)
    one.evicted.length = 0
    await Promise.all([find(owner), find(owner), find(owner)])
    expect(one.evicted.length).toBe(1)
  })

  it('is closed by signing out, which this process knows at once', async () => {
    const before = (await find(owner))?.id
    const token = tokenOf(owner)
    one.evicted.length = 0
    await owner.ask(one, 'closeSession', {})
    expect(owner.browser.jar.has('session')).toBe(false)
    expect(await one.part.sessions.find(token)).toBeNull()
    expect(one.evicted).toEqual([`sessions/${before}`])
    expect(await codeOf(person().ask(one, 'closeSession', {}))).toBe('done')
  })

  it('is deleted some time after it ended, and no other is', async () => {
    const other = await elsewhere()
    await other.ask(one, 'closeSession', {})
    expect(await one.part.sweep()).toBe(1)
    expect(await find(owner)).not.toBeNull()
    pass(8 * hour)
    expect(await one.part.sweep()).toBe(1)
    expect((await one.store.view().page('sessions', { limit: 10 })).rows).toEqual([])
  })
})

describe("one's own sessions", () => {
  it('are listed with what is open for programs, the newest first', async () => {
    pass(minute)
    const other = await elsewhere()
    const program = person()
    pass(minute)
    const { code } = await asksLink(one, program, 'owner@example.com')
    await program.ask(one, 'confirmLink', { code, as: 'token' })
    const { items } = await other.ask(one, 'listSessions', {})
    expect(items.map(({ amr, current, createdAt }) => [amr, current, createdAt])).toEqual([
      [['token'], false, '2026-05-03T09:32:00.000Z'],
      [['link'], true, '2026-05-03T09:31:00.000Z'],
      [['claim'], false, '2026-05-03T09:30:00.000Z'],
    ])
  })

  it('can be ended one by one, and nobody else can end them or see that they are there', async () => {
    const other = await elsewhere()
    const ann = await invited(one, owner, 'ann@example.com', 'owner')
    const id = (await find(other))?.id ?? ''
    expect(await codeOf(ann.ask(one, 'revokeSession', { id }))).toBe('not_found')
    await owner.ask(one, 'revokeSession', { id })
    expect(await find(other)).toBeNull()
    expect(await codeOf(owner.ask(one, 'revokeSession', { id }))).toBe('not_found')
    const mine = (await find(owner))?.id ?? ''
    await owner.ask(one, 'revokeSession', { id: mine })
    expect(owner.browser.jar.has('session')).toBe(false)
  })

  it('can all be ended but the one that asks, programs too', async () => {
    const other = await elsewhere()
    const program = person()
    const { code } = await asksLink(one, program, 'owner@example.com')
    await program.ask(one, 'confirmLink', { code, as: 'token' })
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    await owner.ask(one, 'revokeOthers', {})
    expect(await find(other)).toBeNull()
    expect(await find(ann)).not.toBeNull()
    const { items } = await owner.ask(one, 'listSessions', {})
    expect(items.map(({ current }) => current)).toEqual([true])
    const families = (await one.store.view().page('families', { limit: 10 })).rows
    expect(families.map(({ revokedAt }) => revokedAt)).toEqual([engines.clock.at])
  })
})

describe('a session of a token', () => {
  const service: Actor = {
    tenant: 'shop',
    principal: 'ci',
    class: 'service',
    permissions: ['records:read'],
    credential: 'env-1',
  }
  const withTokens = (known: Record<string, Actor>) =>
    replica(engines, {
      name: 'tokens',
      byToken: async (token) => (known[token] === undefined ? null : { actor: known[token] }),
      byCredential: async (id) => {
        const actor = Object.values(known).find(({ credential }) => credential === id)
        return actor === undefined ? null : { actor, dependsOn: [`credentials/${id}`] }
      },
    })

  it('stays what the token is, and goes when the token goes', async () => {
    const known: Record<string, Actor> = { 'token-1': service }
    const at = withTokens(known)
    const who = person()
    await who.ask(at, 'openSession', { token: 'token-1' })
    const found = await at.part.sessions.find(tokenOf(who))
    expect(found).toMatchObject({
      actor: { ...service, credential: found?.id },
      dependsOn: [`sessions/${found?.id}`, 'credentials/env-1'],
    })
    expect(await who.ask(at, 'readSession', {})).toMatchObject({
      actor: { principal: 'ci', class: 'service', name: 'ci', email: null },
      tenant: 'shop',
      tenants: ['shop'],
      enrolled: false,
      expiresAt: '2026-05-03T17:30:00.000Z',
    })
    known['token-1'] = { ...service, tenant: 'mill' }
    expect(await at.part.sessions.find(tokenOf(who))).toBeNull()
    delete known['token-1']
    expect(await at.part.sessions.find(tokenOf(who))).toBeNull()
  })

  it('opens for no unknown token, and for no other class', async () => {
    const at = withTokens({
      user: { ...service, class: 'user' },
      producer: { ...service, class: 'producer' },
      operator: { ...service, class: 'operator' },
    })
    expect(await codeOf(person().ask(at, 'openSession', { token: 'x' }))).toBe('unauthenticated')
    for (const token of ['user', 'producer', 'operator'])
      expect(await codeOf(person().ask(at, 'openSession', { token }))).toBe('class_not_accepted')
  })
})

describe('the local ticket', () => {
  it('opens one session as owner, within ten minutes, and claims the server', async () => {
    engines = { ...engines, tables: memoryTables({ now: () => engines.clock.at, randomId: randomUUID }) }
    await prepare(engines.tables)
    const local = replica(engines, { local: true })
    const ticket = (await local.part.localTicket()) ?? ''
    const who = person()
    await who.ask(local, 'openSession', { token: ticket })
    expect(await who.ask(local, 'readSession', {})).toMatchObject({
      actor: { principal: 'local', class: 'operator', name: 'Local owner' },
      tenant: 'home',
      roles: ['owner'],
      permissions: ['*'],
    })
    expect(await codeOf(person().ask(local, 'openSession', { token: ticket }))).toBe('unauthenticated')
    expect(await local.part.claimCode()).toBeNull()
    expect(await codeOf(person().ask(local, 'claim', { code: 'x', email: 'e@example.com', name: 'E' }))).toBe(
      'already_claimed',
    )
    const late = (await local.part.localTicket()) ?? ''
    pass(10 * minute)
    expect(await codeOf(person().ask(local, 'openSession', { token: late }))).toBe('unauthenticated')
    expect((await local.store.view().page('operators', { limit: 10 })).rows.length).toBe(1)
  })

  it('is no way in elsewhere, nor for a local owner who was disabled', async () => {
    expect(await one.part.localTicket()).toBeNull()
    const local = replica(engines, { name: 'local', local: true })
    const ticket = (await local.part.localTicket()) ?? ''
    expect(await codeOf(person().ask(one, 'openSession', { token: ticket }))).toBe('unauthenticated')
    await local.store.change(async (view) => {
      const doc = await view.get('operators', 'local')
      if (doc !== null) view.set('operators', 'local', { ...doc, disabledAt: engines.clock.at })
    })
    expect(await codeOf(person().ask(local, 'openSession', { token: ticket }))).toBe('unauthenticated')
    expect(await local.part.localTicket()).toBeNull()
  })
})
