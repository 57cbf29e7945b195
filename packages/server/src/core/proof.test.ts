import type { Actor } from '@quarterdeck/sdk/actor'
import { Fault } from '@quarterdeck/sdk/errors'
import { describe, expect, it } from 'vitest'
import { memoryKeep } from '../adapters/memory/keep.ts'
import { createProofs } from './proof.ts'

const ann: Actor = {
  tenant: 'home',
  principal: 'ann',
  class: 'operator',
  permissions: ['*'],
  credential: 's-1',
}
const promote = { name: 'releases.promote', proof: { word: 'PROMOTE' } }
const act = {
  operation: promote,
  actor: ann,
  input: { release: '1.8.0' },
  shown: { does: 'Deploy 1.8.0', planHash: '5be1' },
  proof: undefined as string | undefined,
}

function world() {
  let now = 0
  let made = 0
  const keep = memoryKeep({ now: () => now })
  const proofs = createProofs({
    keep,
    now: () => now,
    randomToken: () => `token-${++made}`,
    environment: 'staging',
  })
  /** What the door answers. */
  const demand = async (more: Partial<typeof act> = {}) => {
    try {
      await proofs.demand({ ...act, ...more })
      return 'ran'
    } catch (error) {
      if (error instanceof Fault) return error
      throw error
    }
  }
  const challenge = async (more: Partial<typeof act> = {}) => {
    const answer = await demand(more)
    if (answer === 'ran') throw new Error('it ran without a proof')
    return answer.members as { challenge: string; actionHash: string; word: string | null }
  }
  const proven = async (more: Partial<typeof act> = {}) =>
    (await proofs.grant((await challenge(more)).challenge, more.actor ?? ann)).proof
  return { keep, proofs, demand, challenge, proven, pass: (ms: number) => (now += ms) }
}

describe('the proof of a dangerous act', () => {
  it('is asked for with what would happen, its hash, and the word', async () => {
    const { demand } = world()
    expect(await demand()).toMatchObject({
      code: 'proof_required',
      status: 403,
      members: {
        challenge: 'token-1',
        word: 'PROMOTE',
        shown: act.shown,
        expiresAt: '1970-01-01T00:05:00.000Z',
        actionHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    })
  })

  it('lets exactly that act run, once', async () => {
    const { demand, proven } = world()
    const proof = await proven()
    expect(await demand({ proof })).toBe('ran')
    expect(await demand({ proof })).toMatchObject({ code: 'proof_invalid' })
  })

  it('is won by one of two that bring it at once', async () => {
    const { demand, proven } = world()
    const proof = await proven()
    const answers = await Promise.all([demand({ proof }), demand({ proof }), demand({ proof })])
    expect(answers.filter((answer) => answer === 'ran')).toHaveLength(1)
  })

  it.each([
    ['another operation', { operation: { name: 'releases.rollback', proof: { word: 'PROMOTE' } } }],
    ['another actor', { actor: { ...ann, principal: 'bea' } }],
    ['another tenant', { actor: { ...ann, tenant: 'other' } }],
    ['another input', { input: { release: '1.9.0' } }],
  ])('does not stand for %s, and stays good for its own', async (_, more) => {
    const { demand, proven } = world()
    const proof = await proven()
    expect(await demand({ proof, ...more })).toMatchObject({ code: 'proof_invalid' })
    expect(await demand({ proof })).toBe('ran')
  })

  it('does not stand for what is no longer what was shown, and a new one is asked for', async () => {
    const { proofs, demand, proven } = world()
    const proof = await proven()
    const moved = { shown: { does: 'Deploy 1.8.0', planHash: '77aa' } }
    const answer = await demand({ proof, ...moved })
    expect(answer).toMatchObject({
      code: 'changed_since_shown',
      status: 409,
      members: { shown: moved.shown },
    })
    const again = (answer as Fault).members.challenge as string
    expect(await demand({ proof: (await proofs.grant(again, ann)).proof, ...moved })).toBe('ran')
  })

  it('is not given for a challenge of somebody else, one that was used, or an old one', async () => {
    const { proofs, challenge, pass } = world()
    const { challenge: mine } = await challenge()
    const refused = { code: 'proof_invalid' }
    await expect(proofs.open(mine, { ...ann, principal: 'bea' })).rejects.toMatchObject(refused)
    await expect(proofs.grant(mine, { ...ann, tenant: 'other' })).rejects.toMatchObject(refused)
    await proofs.grant(mine, ann)
    await expect(proofs.grant(mine, ann)).rejects.toMatchObject(refused)
    const { challenge: old } = await challenge()
    pass(5 * 60_000 + 1)
    await expect(proofs.open(old, ann)).rejects.toMatchObject(refused)
  })

  it('lasts two minutes', async () => {
    const { demand, proven, pass } = world()
    const proof = await proven()
    pass(2 * 60_000 + 1)
    expect(await demand({ proof })).toMatchObject({ code: 'proof_invalid' })
  })

  it('is stored by hash only', async () => {
    const { keep, proven } = world()
    await proven()
    const stored = JSON.stringify(await keep.scan('', 100))
    expect(stored).not.toContain('token-1')
    expect(stored).not.toContain('token-2')
  })
})
