import { describe, expect, test } from 'vitest'
import { type Code, Fault } from '../errors.ts'
import { type Asking, proofDemandOf, proved } from './proved.ts'

const demand = (challenge: string, does: string, code: Code = 'proof_required') =>
  new Fault(code, undefined, {
    members: {
      challenge,
      actionHash: `hash of ${does}`,
      word: 'ROTATE',
      expiresAt: '2026-05-03T09:35:00Z',
      shown: { does, keys: 2 },
      requestId: 'r-1',
    },
  })

/** A call that answers from a script, and a person who proves everything. */
function scripted(answers: readonly (Fault | string)[]) {
  const proofs: (string | undefined)[] = []
  const asked: Asking[] = []
  let turn = 0
  const done = (
    prove = async ({ demand }: Asking): Promise<string | null> => `proof of ${demand.challenge}`,
  ) =>
    proved(
      async ({ proof }) => {
        proofs.push(proof)
        const answer = answers[turn++]
        if (answer instanceof Fault) throw answer
        return answer
      },
      (asking) => {
        asked.push(asking)
        return prove(asking)
      },
    )
  return { done, proofs, asked }
}

describe('a call that needs a proof', () => {
  test('is made again with the proof of what was shown', async () => {
    const script = scripted([demand('c1', 'Rotate'), 'done'])
    expect(await script.done()).toBe('done')
    expect(script.proofs).toEqual([undefined, 'proof of c1'])
    expect(script.asked).toMatchObject([
      { demand: { word: 'ROTATE', shown: { does: 'Rotate', keys: 2 } }, before: null },
    ])
  })

  test('that nobody asks a proof for is made once', async () => {
    const script = scripted(['done'])
    expect(await script.done()).toBe('done')
    expect([script.proofs, script.asked]).toEqual([[undefined], []])
  })

  test('is asked for again, beside what was shown before, when that has changed', async () => {
    const script = scripted([
      demand('c1', 'Make Mia a viewer'),
      demand('c2', 'Make Mia, now an owner, a viewer', 'changed_since_shown'),
      'done',
    ])
    expect(await script.done()).toBe('done')
    expect(script.proofs).toEqual([undefined, 'proof of c1', 'proof of c2'])
    expect(script.asked[1]).toMatchObject({
      demand: { challenge: 'c2' },
      before: { challenge: 'c1', shown: { does: 'Make Mia a viewer' } },
    })
  })

  test('begins anew when its proof has lapsed, or when another demand is wanted', async () => {
    const lapsed = scripted([
      demand('c1', 'Rotate'),
      new Fault('proof_invalid'),
      demand('c2', 'Rotate'),
      'done',
    ])
    expect(await lapsed.done()).toBe('done')
    expect(lapsed.proofs).toEqual([undefined, 'proof of c1', undefined, 'proof of c2'])

    const wanted = scripted([demand('c1', 'Rotate'), demand('c2', 'Rotate'), 'done'])
    const turns: (string | null)[] = [null, 'proof']
    expect(await wanted.done(async () => turns.shift() ?? null)).toBe('done')
    expect(wanted.proofs).toEqual([undefined, undefined, 'proof'])
  })

  test('ends with any other refusal, and when the person turns away', async () => {
    await expect(scripted([demand('c1', 'x'), new Fault('last_owner')]).done()).rejects.toMatchObject({
      code: 'last_owner',
    })
    await expect(scripted([new Fault('proof_invalid')]).done()).rejects.toMatchObject({
      code: 'proof_invalid',
    })
    const away = new Error('not now')
    await expect(scripted([demand('c1', 'x')]).done(() => Promise.reject(away))).rejects.toBe(away)
  })

  test('is told from other refusals by what it carries', () => {
    expect(proofDemandOf(demand('c1', 'x'))?.challenge).toBe('c1')
    expect(proofDemandOf(new Fault('proof_required'))).toBeNull()
    expect(proofDemandOf(new Fault('forbidden', undefined, { members: { challenge: 'c1' } }))).toBeNull()
    expect(proofDemandOf('no fault')).toBeNull()
  })
})
