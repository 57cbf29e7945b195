import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { prepare } from '../store.ts'
import { codeOf, day, type Engines, operatorIn, type Replica, replica } from './tokens.test-kit.ts'

let engines: Engines
let one: Replica
let two: Replica

beforeEach(async () => {
  engines = memoryEngines()
  await prepare(engines.tables)
  one = replica(engines)
  two = replica(engines, { name: 'two' })
  await one.part.start()
  await two.part.start()
})
afterEach(async () => {
  await one.part.stop()
  await two.part.stop()
})

const open = (more = {}) =>
  one.part.families.open({
    class: 'user',
    subject: 'user-7',
    tenant: 'home',
    groups: ['staff'],
    epoch: 0,
    ttlSeconds: 900,
    ...more,
  })
const refresh = async (token: string | undefined, at = one) => at.part.families.refresh(token ?? '')
const refused = (token: string | undefined, at = one) => codeOf(refresh(token, at))

describe('a family of tokens', () => {
  it('gives a pair, and a new one for each refresh token', async () => {
    const first = await open()
    expect(first).toMatchObject({
      expiresAt: '2026-05-03T09:45:00.000Z',
      refreshExpiresAt: '2026-05-17T09:30:00.000Z',
    })
    const second = await refresh(first.refreshToken)
    const { actor } = await one.by(second.accessToken)
    expect(actor).toMatchObject({ principal: 'user-7', tenant: 'home', class: 'user', groups: ['staff'] })
    expect((await one.by(first.accessToken)).actor.credential).toBe(actor.credential)
    expect(second.refreshToken).not.toBe(first.refreshToken)
  })

  it('answers the last retired token once more while its successor is unused', async () => {
    const first = await open()
    const lost = await refresh(first.refreshToken)
    engines.clock.at += 30_000
    const again = await refresh(first.refreshToken)
    expect(await refused(again.refreshToken)).toBe('done')
    expect(await codeOf(one.by(lost.accessToken))).toBe('done')
  })

  it('retires the successor by that: both ways back end the family', async () => {
    const first = await open()
    const lost = await refresh(first.refreshToken)
    const again = await refresh(first.refreshToken)
    expect(await refused(first.refreshToken)).toBe('refresh_invalid')
    expect(await codeOf(one.by(again.accessToken))).toBe('credential_revoked')
    expect(await refused(lost.refreshToken)).toBe('refresh_invalid')
    expect(await refused(again.refreshToken)).toBe('refresh_invalid')
  })

  it('ends when a retired token comes back after 30 s', async () => {
    const first = await open()
    const second = await refresh(first.refreshToken)
    expect(await codeOf(one.by(second.accessToken))).toBe('done')
    engines.clock.at += 30_001
    expect(await refused(first.refreshToken)).toBe('refresh_invalid')
    expect(await refused(second.refreshToken)).toBe('refresh_invalid')
    expect(await codeOf(one.by(second.accessToken))).toBe('credential_revoked')
  })

  it('ends when a retired token comes back though its successor was used', async () => {
    const first = await open()
    const second = await refresh(first.refreshToken)
    expect(await codeOf(two.by(second.accessToken))).toBe('done')
    expect(await refused(first.refreshToken)).toBe('refresh_invalid')
    expect(await refused(second.refreshToken)).toBe('refresh_invalid')
  })

  it('ends when an older token comes back', async () => {
    const first = await open()
    const second = await refresh(first.refreshToken)
    const third = await refresh(second.refreshToken)
    expect(await refused(first.refreshToken)).toBe('refresh_invalid')
    expect(await refused(third.refreshToken)).toBe('refresh_invalid')
  })

  it('is not ended by who only knows its name', async () => {
    const { refreshToken = '' } = await open()
    const made = `${refreshToken.slice(0, -43)}${'A'.repeat(43)}`
    for (const text of [made, '', 'nonsense', refreshToken.slice(1)])
      expect(await refused(text)).toBe('refresh_invalid')
    expect(await refused(refreshToken)).toBe('done')
  })

  it('refreshed by many at once has one winner, and stands', async () => {
    const first = await open()
    const tries = [one, two, one, two, one, two].map((at) =>
      refresh(first.refreshToken, at).then(
        (pair) => pair.refreshToken,
        () => null,
      ),
    )
    const won = (await Promise.all(tries)).filter((token) => token !== null)
    expect(won).toHaveLength(1)
    expect(await refused(won[0], two)).toBe('done')
  })

  it('goes idle after 14 days and ends after 30', async () => {
    const idle = await open()
    let kept = await open({ subject: 'user-8' })
    engines.clock.at += 14 * day
    expect(await refused(idle.refreshToken)).toBe('refresh_invalid')
    kept = await open({ subject: 'user-8' })
    for (const days of [13, 13]) {
      engines.clock.at += days * day
      kept = await refresh(kept.refreshToken)
    }
    expect(kept.refreshExpiresAt).toBe(new Date(engines.clock.at + 4 * day).toISOString())
    engines.clock.at += 4 * day
    expect(await refused(kept.refreshToken)).toBe('refresh_invalid')
  })

  it('of an operator ends with the operator’s epoch', async () => {
    await operatorIn(one, 'olga')
    const pair = await open({ class: 'operator', subject: 'olga', groups: [] })
    expect((await one.store.view().where('families', 'subject', 'operator:olga')).length).toBe(1)
    const second = await refresh(pair.refreshToken)
    await operatorIn(one, 'olga', { epoch: 1 })
    expect(await refused(second.refreshToken)).toBe('refresh_invalid')
  })

  it('of a tenant that is no longer served is not refreshed', async () => {
    const pair = await open({ tenant: 'elsewhere' })
    expect(await refused(pair.refreshToken)).toBe('tenant_forbidden')
  })

  it('outlives a change of the secret', async () => {
    const { refreshToken } = await open()
    const moved = { secret: '22'.repeat(32), secretPrevious: '11'.repeat(32) }
    expect(await refused(refreshToken, replica(engines, { name: 'three', ...moved }))).toBe('done')
    const stranger = replica(engines, { name: 'four', secret: '33'.repeat(32) })
    expect(await refused(refreshToken, stranger)).toBe('refresh_invalid')
  })

  it('is deleted a day after its end, and nothing before', async () => {
    const { accessToken, refreshToken } = await open()
    const gone = await open({ subject: 'user-8' })
    engines.clock.at += 13 * day
    const kept = await refresh(refreshToken)
    engines.clock.at += 2 * day - 1
    expect(await one.part.sweep()).toBe(0)
    engines.clock.at += 1
    expect(await one.part.sweep()).toBe(1)
    expect(await refused(gone.refreshToken)).toBe('refresh_invalid')
    expect(await codeOf(one.by(accessToken))).toBe('credential_expired')
    expect(await refused(kept.refreshToken)).toBe('done')
  })
})
