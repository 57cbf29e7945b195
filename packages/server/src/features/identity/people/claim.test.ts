import { beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { prepare } from '../store.ts'
import { claimed, codeOf, hour, newBrowser, person, type Replica, replica } from './people.test-kit.ts'

let engines: Parameters<typeof replica>[0]
let one: Replica
beforeEach(async () => {
  engines = memoryEngines()
  await prepare(engines.tables)
  one = replica(engines)
})

const claimBy = (at: Replica, code: string, email = 'owner@example.com') =>
  person(newBrowser()).ask(at, 'claim', { code, email, name: 'Olga' })

describe('the claim', () => {
  it('is made with the code that the first replica printed, and signs the owner in', async () => {
    const code = (await one.part.claimCode()) ?? ''
    expect(code).toMatch(/^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$/)
    expect(await replica(engines, { name: 'two' }).part.claimCode()).toBeNull()
    const owner = person()
    const made = await owner.ask(one, 'claim', {
      code: code.toLowerCase().replaceAll('-', ' '),
      email: ' Owner@Example.com ',
      name: 'Olga',
    })
    expect(made).toMatchObject({
      email: 'owner@example.com',
      name: 'Olga',
      memberships: [{ tenant: 'home', role: 'owner' }],
      enrolled: false,
      invitedUntil: null,
      disabledAt: null,
    })
    expect(await owner.ask(one, 'readSession', {})).toMatchObject({
      actor: { class: 'operator', name: 'Olga', email: 'owner@example.com' },
      tenant: 'home',
      tenants: ['home'],
      roles: ['owner'],
      permissions: ['*'],
      enrolled: false,
    })
    expect(await owner.ask(one, 'listSessions', {})).toMatchObject({ items: [{ amr: ['claim'] }] })
  })

  it('takes no other code, none after a day, and none that was replaced', async () => {
    const code = (await one.part.claimCode()) ?? ''
    expect(await codeOf(claimBy(one, '00000-00000-00000-00000'))).toBe('claim_invalid')
    const anew = (await one.part.claimCode({ anew: true })) ?? ''
    expect(await codeOf(claimBy(one, code))).toBe('claim_invalid')
    engines.clock.at += 24 * hour
    expect(await codeOf(claimBy(one, anew))).toBe('claim_invalid')
    expect(await one.part.claimCode()).not.toBeNull()
  })

  it('is over once there is an owner: no code is made, and the one that was used says so', async () => {
    const code = (await one.part.claimCode()) ?? ''
    await claimBy(one, code)
    expect(await codeOf(claimBy(one, code, 'eve@example.com'))).toBe('already_claimed')
    expect(await one.part.claimCode()).toBeNull()
    expect(await one.part.claimCode({ anew: true })).toBeNull()
    expect(await one.keep.scan('claim/', 10)).toEqual([])
  })

  it('takes the code of the settings instead, which nobody prints', async () => {
    const set = replica(engines, { claimCode: 'let-me-in' })
    expect(await set.part.claimCode()).toBeNull()
    expect(await codeOf(claimBy(set, 'LET-ME-IN'))).toBe('claim_invalid')
    expect(await codeOf(claimBy(set, 'let-me-in'))).toBe('done')
    expect(await codeOf(claimBy(set, 'let-me-in', 'eve@example.com'))).toBe('already_claimed')
  })

  it('keeps the code by its hash only', async () => {
    const code = (await one.part.claimCode()) ?? ''
    const kept = await one.keep.scan('', 100)
    expect(kept.length).toBe(1)
    expect(JSON.stringify(kept)).not.toContain(code.slice(0, 5))
  })

  it('begins a session under a new id, and ends the one that the browser had', async () => {
    const owner = await claimed(one)
    const before = owner.browser.jar.get('session') ?? ''
    await one.store.change(async (view) => {
      for (const { id } of await view.where('operators', 'email', 'owner@example.com'))
        view.delete('operators', id)
    })
    const code = (await one.part.claimCode({ anew: true })) ?? ''
    await owner.ask(one, 'claim', { code, email: 'owner@example.com', name: 'Olga' })
    expect(owner.browser.jar.get('session')).not.toBe(before)
    expect(await one.part.sessions.find(before)).toBeNull()
  })

  it('that comes as another spends the code hears that there is an owner', async () => {
    const code = (await one.part.claimCode()) ?? ''
    const keep: typeof engines.keep = {
      ...engines.keep,
      async get(key) {
        if (key === 'claim/code') await claimBy(one, code)
        return engines.keep.get(key)
      },
    }
    const slow = replica({ ...engines, keep }, { name: 'two' })
    expect(await codeOf(claimBy(slow, code, 'late@example.com'))).toBe('already_claimed')
  })
})
