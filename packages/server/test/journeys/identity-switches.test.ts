import type { Actor } from '@quarterdeck/sdk/actor'
import { operations } from '@quarterdeck/sdk/contract'
import { Fault } from '@quarterdeck/sdk/errors'
import { afterEach, describe, expect, it } from 'vitest'
import { gate } from '../../src/core/gate.ts'
import { event, openStage, type Stage } from '../stage.ts'
import { enrol, invited, localOwner } from './people.ts'

const owner: Actor = {
  tenant: 'home',
  principal: 'ada',
  class: 'operator',
  permissions: ['*'],
  credential: 'c',
}

describe('kill switches', () => {
  let stage: Stage | undefined
  afterEach(() => stage?.stop())

  it('all thrown stop what makes something new, and nothing that signs in, proves, reads or ends', () => {
    const stopped = operations()
      .filter((operation) => {
        try {
          gate({ switchedOff: () => true, homeTenant: 'home' }, operation, owner)
          return false
        } catch (error) {
          expect(error).toBeInstanceOf(Fault)
          expect(error).toMatchObject({ code: 'switched_off' })
          return true
        }
      })
      .map(({ name }) => name)
    expect(stopped.filter((name) => name.startsWith('identity.')).sort()).toEqual([
      'identity.createToken',
      'identity.inviteOperator',
      'identity.mintToken',
      'identity.resetFactor',
      'identity.rotateKeys',
      'identity.setRole',
    ])
    expect(stopped).toContain('records.append')
  })

  it('of other areas leave people in', async () => {
    stage = await openStage({ FLAG_RECORDS: 'false', FLAG_TELEMETRY: 'false' })
    const ada = await localOwner(stage)
    const bob = await invited(stage, ada, 'bob@example.com', 'owner')
    const { code } = await enrol(bob)
    const { challenge } = (await bob.ask('POST /identity/keys/rotate', {})).body
    const proof = await bob.ask('POST /identity/proofs', { challenge, word: 'ROTATE', code: code() })
    expect(proof.status).toBe(200)
    const refused = await bob.ask('POST /records', event('e1'))
    expect([refused.status, refused.body.code]).toEqual([503, 'switched_off'])
    expect((await bob.ask('POST /session/logout', {})).status).toBe(204)
    expect((await bob.ask('GET /session')).status).toBe(401)
  })
})
