import type { Actor } from '@quarterdeck/sdk/actor'
import { beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { prepare } from '../store.ts'
import {
  asksLink,
  claimed,
  codeOf,
  enrolled,
  faultFrom,
  invited,
  newBrowser,
  type Person,
  person,
  proving,
  type Replica,
  replica,
} from './people.test-kit.ts'

let engines: Parameters<typeof replica>[0]
let one: Replica
let owner: Person
let app: (steps?: number) => string
beforeEach(async () => {
  engines = memoryEngines()
  await prepare(engines.tables)
  one = replica(engines)
  owner = await claimed(one)
  app = (await enrolled(one, owner)).app
})
const doc = async (id: string) => {
  const operator = await one.store.view().get('operators', id)
  if (operator === null) throw new Error('no operator')
  return operator
}
const idOf = async (who: Person) => (await who.actor(one)).principal
const isIn = async (who: Person) => (await who.actor(one)).class === 'operator'
/** A program's tokens of somebody; answers the family's id. */
async function program(email: string): Promise<string> {
  const who = person(newBrowser('203.0.113.77'))
  const { code } = await asksLink(one, who, email)
  const pair = await who.ask(one, 'confirmLink', { code, as: 'token' })
  return 'accessToken' in pair ? pair.accessToken : ''
}
const family = async (id: string) => one.store.view().get('families', id)
const service: Actor = {
  tenant: 'home',
  principal: 'ci',
  class: 'service',
  permissions: ['identity:operators', 'identity:read'],
  credential: 'env-1',
}

describe('who may see and invite whom', () => {
  it("an owner at home sees everybody; others their tenant's, with its memberships alone", async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'owner', 'shop')
    await owner.ask(one, 'inviteOperator', { email: 'ann@example.com', role: 'viewer', tenant: 'mill' })
    await invited(one, owner, 'bob@example.com', 'support')
    const seen = async (who: Person) =>
      (await who.ask(one, 'listOperators', {})).items.map(({ email, memberships }) => [
        email,
        memberships.map(({ tenant, role }) => `${tenant} ${role}`).join(),
      ])
    expect(await seen(owner)).toEqual([
      ['ann@example.com', 'shop owner,mill viewer'],
      ['bob@example.com', 'home support'],
      ['owner@example.com', 'home owner'],
    ])
    expect(await seen(ann)).toEqual([['ann@example.com', 'shop owner']])
  })

  it('pages through them', async () => {
    for (const name of ['a', 'b', 'c'])
      await owner.ask(one, 'inviteOperator', { email: `${name}@example.com`, role: 'viewer' })
    const first = await owner.ask(one, 'listOperators', { limit: 3 })
    const rest = await owner.ask(one, 'listOperators', { limit: 3, cursor: first.nextCursor })
    expect([...first.items, ...rest.items].map(({ email }) => email)).toEqual([
      'a@example.com',
      'b@example.com',
      'c@example.com',
      'owner@example.com',
    ])
    expect(rest.nextCursor).toBeUndefined()
  })

  it('is one to whom another tenant does not exist', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'owner', 'shop')
    const anns = await enrolled(one, ann)
    const id = await idOf(owner)
    const reason = 'x'
    expect(await codeOf(ann.ask(one, 'setRole', { id, role: 'viewer' }))).toBe('not_found')
    expect(await codeOf(ann.ask(one, 'disableOperator', { id, reason }))).toBe('not_found')
    expect(await codeOf(ann.ask(one, 'resetFactor', { id, reason }))).toBe('not_found')
    expect(await codeOf(ann.ask(one, 'operatorSessions', { id }))).toBe('not_found')
    expect(await codeOf(ann.ask(one, 'endSessions', { id }))).toBe('not_found')
    expect(await codeOf(ann.ask(one, 'setRole', { id, role: 'viewer', tenant: 'home' }))).toBe(
      'tenant_mismatch',
    )
    expect(
      await codeOf(
        ann.ask(one, 'inviteOperator', { email: 'e@example.com', role: 'viewer', tenant: 'home' }),
      ),
    ).toBe('tenant_mismatch')
    expect(
      await codeOf(
        ann.ask(one, 'inviteOperator', { email: 'e@example.com', role: 'viewer', tenant: 'shop' }),
      ),
    ).toBe('done')
    expect(anns.recoveryCodes.length).toBe(10)
  })

  it('keeps to the tenants that are served', async () => {
    const wanted = { email: 'e@example.com', role: 'viewer', tenant: 'elsewhere' } as const
    expect(await codeOf(owner.ask(one, 'inviteOperator', wanted))).toBe('tenant_forbidden')
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    const role = { id: ann.id, role: 'viewer', tenant: 'elsewhere' } as const
    expect(await codeOf(owner.ask(one, 'setRole', role))).toBe('tenant_forbidden')
  })

  it('lets owners alone make owners, and name other tenants', async () => {
    const at = { actor: service, browser: newBrowser() }
    const email = 'e@example.com'
    expect(await codeOf(one.ask('inviteOperator', { email, role: 'owner' }, at))).toBe('forbidden')
    expect(await codeOf(one.ask('inviteOperator', { email, role: 'viewer', tenant: 'shop' }, at))).toBe(
      'tenant_mismatch',
    )
    expect(await codeOf(one.ask('inviteOperator', { email, role: 'operator' }, at))).toBe('done')
    expect(await codeOf(owner.ask(one, 'inviteOperator', { email: 'f@example.com', role: 'owner' }))).toBe(
      'done',
    )
  })

  it('lets somebody who was disabled in again by another invitation, with the factor they had', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    const anns = await enrolled(one, ann)
    await proving(one, owner, app, 'disableOperator', { id: ann.id, reason: 'left' })
    expect(
      await codeOf(owner.ask(one, 'inviteOperator', { email: 'ann@example.com', role: 'support' })),
    ).toBe('done')
    const { token } = await asksLink(one, ann, 'ann@example.com')
    await ann.ask(one, 'confirmLink', { token, totp: anns.app() })
    expect((await ann.actor(one)).roles).toEqual(['support'])
  })

  it('does not let the owner of one tenant undo what an owner at home did', async () => {
    const shop = await invited(one, owner, 'shop@example.com', 'owner', 'shop')
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    await proving(one, owner, app, 'disableOperator', { id: ann.id, reason: 'left' })
    expect(await codeOf(shop.ask(one, 'inviteOperator', { email: 'ann@example.com', role: 'viewer' }))).toBe(
      'already_operator',
    )
    expect((await doc(ann.id)).disabledAt).not.toBeNull()
  })
})

describe('changing a role', () => {
  it('shows what it would do, is done with a proof, and ends what was open under the old one', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    const sid = await program('ann@example.com')
    const { code, members } = await faultFrom(owner.ask(one, 'setRole', { id: ann.id, role: 'operator' }))
    expect(code).toBe('proof_required')
    expect(members).toMatchObject({
      word: null,
      shown: {
        does: 'Make ann@example.com operator in home',
        operator: ann.id,
        tenant: 'home',
        from: 'viewer',
        to: 'operator',
      },
    })
    one.evicted.length = 0
    const done = await proving(one, owner, app, 'setRole', { id: ann.id, role: 'operator' })
    expect(done.memberships).toEqual([{ tenant: 'home', role: 'operator' }])
    expect(await isIn(ann)).toBe(false)
    expect((await family(sid))?.revokedAt).toBe(engines.clock.at)
    expect((await doc(ann.id)).epoch).toBe(2)
    expect(one.evicted).toEqual(expect.arrayContaining([`families/${sid}`, `operators/${ann.id}`]))
    expect(await isIn(owner)).toBe(true)
  })

  it('to the one there is ends nothing', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    await proving(one, owner, app, 'setRole', { id: ann.id, role: 'viewer' })
    expect(await isIn(ann)).toBe(true)
  })

  it('can give a role in another tenant, and take one away', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    await proving(one, owner, app, 'setRole', { id: ann.id, role: 'developer', tenant: 'shop' })
    const { members } = await faultFrom(owner.ask(one, 'setRole', { id: ann.id, role: null }))
    expect(members.shown).toMatchObject({ does: 'Take ann@example.com out of home' })
    const left = await proving(one, owner, app, 'setRole', { id: ann.id, role: null })
    expect(left.memberships).toEqual([{ tenant: 'shop', role: 'developer' }])
    const { token } = await asksLink(one, ann, 'ann@example.com')
    await ann.ask(one, 'confirmLink', { token })
    expect((await ann.actor(one)).tenant).toBe('shop')
  })

  it('that somebody else changed after it was shown is asked for again', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    const wanted = { id: ann.id, role: 'operator' } as const
    const { members } = await faultFrom(owner.ask(one, 'setRole', wanted))
    const { proof } = await owner.ask(one, 'prove', { challenge: String(members.challenge), code: app() })
    engines.clock.at += 30_000
    await proving(one, owner, app, 'setRole', { id: ann.id, role: 'support' })
    const changed = await faultFrom(owner.ask(one, 'setRole', wanted, proof))
    expect([changed.code, changed.members.shown]).toMatchObject(['changed_since_shown', { from: 'support' }])
  })

  it('leaves an owner in every tenant that has one', async () => {
    const id = await idOf(owner)
    expect(await codeOf(owner.ask(one, 'setRole', { id, role: 'viewer' }))).toBe('last_owner')
    expect(await codeOf(owner.ask(one, 'setRole', { id, role: null }))).toBe('last_owner')
    expect(await codeOf(owner.ask(one, 'disableOperator', { id, reason: 'x' }))).toBe('last_owner')
    // One who was invited and has not come is none that remains, nor is one who was disabled.
    await owner.ask(one, 'inviteOperator', { email: 'late@example.com', role: 'owner' })
    const gone = await invited(one, owner, 'gone@example.com', 'owner')
    await proving(one, owner, app, 'disableOperator', { id: gone.id, reason: 'x' })
    expect(await codeOf(owner.ask(one, 'setRole', { id, role: 'viewer' }))).toBe('last_owner')
    const shop = await invited(one, owner, 'shop@example.com', 'owner', 'shop')
    expect(await codeOf(owner.ask(one, 'setRole', { id: shop.id, role: null, tenant: 'shop' }))).toBe(
      'last_owner',
    )
    await invited(one, owner, 'second@example.com', 'owner')
    await proving(one, owner, app, 'setRole', { id, role: 'viewer' })
    expect((await doc(id)).memberships).toEqual([{ tenant: 'home', role: 'viewer' }])
  })
})

describe('keeping out', () => {
  it('disables an operator, ends what is open and lets nothing new begin', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    const sid = await program('ann@example.com')
    const input = { id: ann.id, reason: 'left' }
    const { members } = await faultFrom(owner.ask(one, 'disableOperator', input))
    expect(members.shown).toMatchObject({ does: 'Keep ann@example.com out and end what is open' })
    const done = await proving(one, owner, app, 'disableOperator', input)
    expect(done.disabledAt).not.toBeNull()
    expect(await isIn(ann)).toBe(false)
    expect((await family(sid))?.revokedAt).not.toBeNull()
    expect(await one.part.operatorActor(ann.id, 'home', 'c')).toBeNull()
    one.mails.length = 0
    await person(newBrowser('203.0.113.5')).ask(one, 'requestLink', { email: 'ann@example.com' })
    await one.part.stop()
    expect(one.mails).toEqual([])
  })

  it('takes a lost factor away and ends what is open', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    await enrolled(one, ann)
    const input = { id: ann.id, reason: 'phone lost' }
    const { members } = await faultFrom(owner.ask(one, 'resetFactor', input))
    expect(members.shown).toMatchObject({
      does: 'Take away the second factor of ann@example.com and end what is open',
    })
    const done = await proving(one, owner, app, 'resetFactor', input)
    expect(done.enrolled).toBe(false)
    expect(await isIn(ann)).toBe(false)
    expect(await doc(ann.id)).toMatchObject({ totp: null, totpNext: null, recovery: [], epoch: 2 })
    const { token } = await asksLink(one, ann, 'ann@example.com')
    expect(await codeOf(ann.ask(one, 'confirmLink', { token }))).toBe('done')
  })

  it('shows and ends the sessions of another, and what they were signed for', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    const sid = await program('ann@example.com')
    one.journaled.length = 0
    const { items } = await owner.ask(one, 'operatorSessions', { id: ann.id })
    expect(items.map(({ amr, current }) => [amr, current])).toEqual(
      expect.arrayContaining([
        [['link'], false],
        [['token'], false],
      ]),
    )
    expect(one.journaled).toEqual([
      { operation: 'identity.operatorSessions', phase: 'asked' },
      { operation: 'identity.operatorSessions', phase: 'done' },
    ])
    await owner.ask(one, 'endSessions', { id: ann.id })
    expect(await isIn(ann)).toBe(false)
    expect((await family(sid))?.revokedAt).toBe(engines.clock.at)
    expect((await doc(ann.id)).epoch).toBe(2)
    expect(await owner.ask(one, 'operatorSessions', { id: ann.id })).toEqual({ items: [] })
  })

  it('reaches a person who works in several tenants no further than the own one', async () => {
    const shop = await invited(one, owner, 'shop@example.com', 'owner', 'shop')
    const shops = await enrolled(one, shop)
    const id = await idOf(owner)
    await shop.ask(one, 'inviteOperator', { email: 'owner@example.com', role: 'viewer' })
    expect(await codeOf(shop.ask(one, 'disableOperator', { id, reason: 'x' }))).toBe('forbidden')
    expect(await codeOf(shop.ask(one, 'resetFactor', { id, reason: 'x' }))).toBe('forbidden')
    expect(await shop.ask(one, 'operatorSessions', { id })).toEqual({ items: [] })
    const before = (await doc(id)).epoch
    await shop.ask(one, 'endSessions', { id })
    await proving(one, shop, shops.app, 'setRole', { id, role: null })
    expect(await doc(id)).toMatchObject({ epoch: before, memberships: [{ tenant: 'home', role: 'owner' }] })
    expect(await isIn(owner)).toBe(true)
  })
})

describe('the outbox', () => {
  it('is shown to the owner at home where mail is kept, and is not there elsewhere', async () => {
    const kept = { id: 'm1', at: engines.clock.at, to: 'a@example.com', subject: 's', text: 't' }
    const local = replica(engines, { name: 'local', outbox: async () => [kept] })
    expect(await owner.ask(local, 'listMail', {})).toEqual({
      items: [{ ...kept, at: new Date(engines.clock.at).toISOString() }],
    })
    expect(await codeOf(owner.ask(one, 'listMail', {}))).toBe('not_found')
    const shop = await invited(one, owner, 'shop@example.com', 'owner', 'shop')
    expect(await codeOf(shop.ask(local, 'listMail', {}))).toBe('not_found')
  })
})
