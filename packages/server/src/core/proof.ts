import { hash } from 'node:crypto'
import type { Actor } from '@quarterdeck/sdk/actor'
import { canonical } from '@quarterdeck/sdk/digest'
import { type Fault, fault } from '@quarterdeck/sdk/errors'
import type { Operation } from '@quarterdeck/sdk/operation'
import { z } from 'zod'
import type { Keep } from '../ports/keep.ts'
import type { ShownDoc } from './perform.ts'

const challengeMs = 5 * 60_000
const proofMs = 2 * 60_000

const Challenge = z.object({
  /** Of operation, tenant, actor, environment and input: what may not change. */
  act: z.string(),
  /** The same with what was shown: the action's hash. */
  actionHash: z.string(),
  tenant: z.string(),
  actor: z.string(),
  word: z.string().nullable(),
})
export type Challenge = z.output<typeof Challenge>

/** Proofs of dangerous acts: a challenge for one exact act, a proof for one challenge, each used once. */
export interface Proofs {
  /**
   * Resolves when the proof given stands for exactly this act, and spends it. Throws `proof_required` with a challenge,
   * `changed_since_shown` with a new one, or `proof_invalid`.
   */
  demand(act: {
    readonly operation: Pick<Operation, 'name' | 'proof'>
    readonly actor: Actor
    readonly input: unknown
    readonly shown: ShownDoc
    readonly proof: string | undefined
  }): Promise<void>
  /** The challenge as it was made for this actor; throws `proof_invalid` for any other. */
  open(challenge: string, actor: Actor): Promise<Challenge>
  /** Exchanges the challenge for a proof, once; throws `proof_invalid` when it was exchanged meanwhile. */
  grant(challenge: string, actor: Actor): Promise<{ readonly proof: string; readonly expiresAt: number }>
}

const hex = (text: string) => hash('sha256', text, 'hex')

/** Makes the proofs over `keep`, which holds both only by hash. */
export function createProofs(needs: {
  readonly keep: Keep
  readonly now: () => number
  /** 43 characters of base64url from 32 random bytes. */
  readonly randomToken: () => string
  readonly environment: string
}): Proofs {
  const { keep, now, randomToken, environment } = needs
  const challengeKey = (challenge: string) => `proof/challenge/${hex(challenge)}`
  const proofKey = (proof: string) => `proof/granted/${hex(proof)}`

  async function challengeFor(challenge: Challenge, shown: ShownDoc): Promise<Record<string, unknown>> {
    const token = randomToken()
    const expiresAt = new Date(now() + challengeMs).toISOString()
    await keep.put(challengeKey(token), JSON.stringify(challenge), challengeMs)
    return { challenge: token, actionHash: challenge.actionHash, word: challenge.word, expiresAt, shown }
  }

  async function read(key: string): Promise<{ challenge: Challenge; version: string } | null> {
    const kept = await keep.get(key)
    return kept === null
      ? null
      : { challenge: Challenge.parse(JSON.parse(kept.value)), version: kept.version }
  }

  async function mine(challenge: string, actor: Actor) {
    const found = await read(challengeKey(challenge))
    if (
      found === null ||
      found.challenge.tenant !== actor.tenant ||
      found.challenge.actor !== actor.principal
    )
      throw invalid()
    return found
  }

  return {
    async demand({ operation, actor, input, shown, proof }) {
      const act = {
        operation: operation.name,
        tenant: actor.tenant,
        actor: actor.principal,
        environment,
        input,
      }
      const wanted: Challenge = {
        act: hex(canonical(act)),
        actionHash: hex(canonical({ ...act, shown })),
        tenant: actor.tenant,
        actor: actor.principal,
        word: (operation.proof?.perCall === true ? shown.word : operation.proof?.word) ?? null,
      }
      if (proof === undefined)
        throw fault('proof_required', undefined, { members: await challengeFor(wanted, shown) })
      const key = proofKey(proof)
      const given = await read(key)
      if (given === null || given.challenge.act !== wanted.act) throw invalid()
      // Spent before it is compared further: no proof is looked at twice.
      if (!(await keep.delete(key, given.version))) throw invalid()
      if (given.challenge.actionHash !== wanted.actionHash)
        throw fault('changed_since_shown', undefined, { members: await challengeFor(wanted, shown) })
    },
    open: async (challenge, actor) => (await mine(challenge, actor)).challenge,
    async grant(challenge, actor) {
      const { challenge: found, version } = await mine(challenge, actor)
      if (!(await keep.delete(challengeKey(challenge), version))) throw invalid()
      const proof = randomToken()
      await keep.put(proofKey(proof), JSON.stringify(found), proofMs)
      return { proof, expiresAt: now() + proofMs }
    },
  }
}

const invalid = (): Fault => fault('proof_invalid')
