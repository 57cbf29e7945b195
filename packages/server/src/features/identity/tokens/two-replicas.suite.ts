import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Keep } from '../../../ports/keep.ts'
import type { Tables } from '../../../ports/tables.ts'
import { hashOf } from '../secret-hash.ts'
import { prepare } from '../store.ts'
import { type Clock, callOf, codeOf, owner, type Replica, replica, until } from './tokens.test-kit.ts'

/** An engine that two replicas stand on, each by a handle of its own. */
export interface SharedEngine {
  open(clock: Clock): Promise<{ readonly tables: Tables; readonly keep: Keep }>
  dispose(): Promise<void>
}

/** What must happen once, and what must reach everybody, over a real engine. */
export function twoReplicasSuite(name: string, make: () => Promise<SharedEngine>): void {
  describe(`two replicas over ${name}`, () => {
    let engine: SharedEngine
    let both: readonly [Replica, Replica]
    const clock: Clock = { at: 0 }

    beforeEach(async () => {
      engine = await make()
      clock.at = Date.now()
      const opened = [await engine.open(clock), await engine.open(clock)] as const
      await prepare(opened[0].tables)
      both = [
        replica({ ...opened[0], clock }, { name: 'one' }),
        replica({ ...opened[1], clock }, { name: 'two' }),
      ]
      await Promise.all(both.map((at) => at.part.start()))
    })
    afterEach(async () => {
      await Promise.all(both.map((at) => at.part.stop()))
      await engine.dispose()
    })

    const openFamily = () =>
      both[0].part.families.open({
        class: 'user',
        subject: 'user-7',
        tenant: 'home',
        groups: [],
        epoch: 0,
        ttlSeconds: 900,
      })
    const kids = (at: Replica) => at.part.jwks().then((keys) => keys.map(({ kid }) => kid))

    it('make one key between them when they start at once', async () => {
      expect(await kids(both[0])).toHaveLength(1)
      expect(await kids(both[1])).toEqual(await kids(both[0]))
    })

    it('publish one next key when both are told to rotate', async () => {
      await Promise.all(both.map((at) => at.part.handlers.rotateKeys(callOf(owner, {}))))
      const published = await kids(both[0])
      expect(published).toHaveLength(2)
      await until(async () => String(await kids(both[1])) === String(published))
    })

    it('leave one refresh token alive when both refresh the same at once', async () => {
      let { refreshToken = '' } = await openFamily()
      for (let round = 0; round < 5; round += 1) {
        const answers = await Promise.all(
          both.map((at) => at.part.families.refresh(refreshToken).catch(() => null)),
        )
        // Who came when the other was done already is answered too, and its pair retires the one before.
        const given = answers.map((pair) => pair?.refreshToken ?? '').filter((token) => token !== '')
        const [family] = await both[0].store.view().where('families', 'subject', 'user:home:user-7')
        const alive = given.filter((token) => hashOf(token) === family?.hash)
        expect(alive).toHaveLength(1)
        expect(family?.revokedAt).toBeNull()
        refreshToken = alive[0] ?? ''
      }
    })

    it('take a ticket once when both are asked at once', async () => {
      const { accessToken } = await openFamily()
      const { actor } = await both[0].by(accessToken)
      const call = callOf(actor, { topics: ['state'] })
      const { ticket } = await both[0].part.handlers.issueTicket(call)
      const codes = await Promise.all(
        [...both, ...both].map((at) =>
          codeOf(
            at.part.authenticator.authenticate({
              kind: 'ticket',
              value: ticket,
              origin: null,
              topics: ['state'],
            }),
          ),
        ),
      )
      expect(codes.filter((code) => code === 'done')).toHaveLength(1)
    })

    it('hear of each other’s revocations, though they remember the token', async () => {
      const made = { kind: 'service', label: 'a', scopes: ['records:read'] } as const
      const { id, token } = await both[0].part.handlers.createToken(
        callOf(owner, { ...made, scopes: [...made.scopes] }),
      )
      const known = () => both[1].part.authenticator.known({ kind: 'bearer', value: token, origin: null })
      await until(async () => {
        await both[1].by(token)
        return known()
      })
      await both[0].part.handlers.revokeToken(callOf(owner, { id }))
      await until(() => !known())
      expect(await codeOf(both[1].by(token))).toBe('credential_revoked')
    })

    it('list the tokens of a tenant by pages', async () => {
      for (const label of ['a', 'b', 'c']) {
        const said = { kind: 'service' as const, label, scopes: ['records:read'] }
        await both[0].part.handlers.createToken(callOf(owner, said))
        clock.at += 1
      }
      const list = both[1].part.handlers.listTokens
      const first = await list(callOf(owner, { limit: 2 }))
      const second = await list(callOf(owner, { limit: 2, cursor: first.nextCursor }))
      expect([...first.items, ...second.items].map(({ label }) => label)).toEqual(['a', 'b', 'c'])
    })
  })
}
