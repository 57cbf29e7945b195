import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import type { TestBrowser } from './browser-of.ts'
import { enrol, invited, localOwner } from './people.ts'

interface Demand {
  readonly challenge: string
  readonly actionHash: string
  readonly shown: Readonly<Record<string, unknown>>
}

// One story: a code of a factor counts once in its 30 s, so each owner has two to prove with.
describe('a proof', () => {
  let stage: Stage
  let ada: TestBrowser
  let bob: TestBrowser
  let codes: { readonly ada: (step?: number) => string; readonly bob: (step?: number) => string }
  let ann: string
  beforeAll(async () => {
    stage = await openStage()
    ada = await localOwner(stage)
    bob = await invited(stage, ada, 'bob@example.com', 'owner')
    const { body } = await ada.ask('POST /identity/operators', { email: 'ann@example.com', role: 'viewer' })
    ann = String(body.id)
    codes = { ada: (await enrol(ada)).code, bob: (await enrol(bob)).code }
  })
  afterAll(() => stage.stop())

  const role = (to: string) => [`POST /identity/operators/${ann}/role`, { role: to }] as const
  async function demanded(who: TestBrowser, [route, body]: readonly [string, unknown]): Promise<Demand> {
    const answer = await who.ask(route, body)
    expect([answer.status, answer.body]).toMatchObject([
      403,
      {
        code: 'proof_required',
        challenge: expect.stringMatching(/^[\w-]{43}$/),
        actionHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        expiresAt: expect.any(String),
        shown: { does: expect.any(String) },
      },
    ])
    return answer.body as unknown as Demand
  }
  const prove = (who: TestBrowser, said: Record<string, unknown>) => who.ask('POST /identity/proofs', said)
  const perform = async (
    who: TestBrowser,
    [route, body]: readonly [string, unknown],
    proof: unknown,
    headers: Record<string, string> = {},
  ) => {
    const answer = await who.ask(route, body, { 'x-console-proof': String(proof), ...headers })
    return [answer.status, answer.body?.code, answer.body] as const
  }
  const codeOf = async (answer: ReturnType<typeof perform>) => (await answer)[1]

  it('is given to whom it was asked of, for the exact word and a code that counts', async () => {
    const rotate = await demanded(ada, ['POST /identity/keys/rotate', {}])
    expect(rotate).toMatchObject({ word: 'ROTATE' })
    const { challenge } = rotate
    const code = codes.ada()
    for (const said of [
      { challenge, code },
      { challenge, word: 'rotate', code },
      { challenge, word: 'ROTATE ', code },
      { challenge: `${challenge.slice(0, -1)}_`, word: 'ROTATE', code },
    ])
      expect((await prove(ada, said)).body.code).toBe('proof_invalid')
    const eves = await prove(bob, { challenge, word: 'ROTATE', code: codes.bob() })
    expect(eves.body.code).toBe('proof_invalid')
    // None of these cost the code that was typed.
    const { status, body } = await prove(ada, { challenge, word: 'ROTATE', code })
    expect([status, body.proof]).toEqual([200, expect.stringMatching(/^[\w-]{43}$/)])
    expect((await prove(ada, { challenge, word: 'ROTATE', code: codes.ada(1) })).body.code).toBe(
      'proof_invalid',
    )
    const other = [role('support'), [`POST /identity/operators/${ann}/disable`, { reason: 'x' }]] as const
    for (const act of other) expect(await codeOf(perform(ada, act, body.proof))).toBe('proof_invalid')
    const mine = ['POST /identity/keys/rotate', {}] as const
    expect(await codeOf(perform(bob, mine, body.proof))).toBe('proof_invalid')
    const done = await perform(ada, mine, body.proof, { 'idempotency-key': 'rotate-1' })
    expect([done[0], done[2].items]).toEqual([200, expect.arrayContaining([expect.anything()])])
    expect(await codeOf(perform(ada, mine, body.proof))).toBe('proof_invalid')
    // Told again under its key it is not done again, and nothing is to be proved.
    const again = await ada.ask(...mine, { 'idempotency-key': 'rotate-1' })
    expect([again.status, again.body]).toEqual([200, done[2]])
    expect((await ada.ask('GET /identity/keys')).body.items).toHaveLength(2)
  })

  it('stands for what was shown: once that has changed, it is shown anew and asked for again', async () => {
    const before = await demanded(bob, role('developer'))
    // What was typed above for another's challenge did not cost this code.
    const first = (await prove(bob, { challenge: before.challenge, code: codes.bob() })).body
    const moved = await demanded(ada, role('support'))
    const { proof } = (await prove(ada, { challenge: moved.challenge, code: codes.ada(1) })).body
    expect(await codeOf(perform(ada, role('support'), proof))).toBe(undefined)
    const [status, code, body] = await perform(bob, role('developer'), first.proof)
    expect([status, code]).toEqual([409, 'changed_since_shown'])
    const anew = body as unknown as Demand
    expect(anew.actionHash).not.toBe(before.actionHash)
    expect([before.shown, anew.shown]).toMatchObject([{ from: 'viewer' }, { from: 'support' }])
    expect(await codeOf(perform(bob, role('developer'), first.proof))).toBe('proof_invalid')
    const second = (await prove(bob, { challenge: anew.challenge, code: codes.bob(1) })).body
    const [done, , person] = await perform(bob, role('developer'), second.proof)
    expect([done, person]).toMatchObject([200, { memberships: [{ role: 'developer' }] }])
  })

  it('is nothing that a token gets, whatever it holds', async () => {
    const headers = { authorization: `Bearer ${stage.token}` }
    const asks = { challenge: 'x', code: '000000' }
    const answer = await fetch(`${stage.url}/identity/proofs`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(asks),
    })
    expect([answer.status, (await answer.json()).code]).toEqual([403, 'class_not_accepted'])
  })

  it('is for the enrolled: others are told to enrol first', async () => {
    const eve = await invited(stage, ada, 'eve@example.com', 'owner')
    const { challenge } = await demanded(eve, role('viewer'))
    expect((await prove(eve, { challenge, code: '000000' })).body.code).toBe('enrolment_required')
  })
})
