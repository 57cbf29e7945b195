import { createHash } from 'node:crypto'
import type { Actor } from '@quarterdeck/sdk/actor'
import { canonical } from '@quarterdeck/sdk/digest'
import { fault } from '@quarterdeck/sdk/errors'
import type { Log, Seal } from '../ports/log.ts'
import type { Redactor } from './redact.ts'

export type Phase = 'asked' | 'done' | 'failed' | 'refused'

/** What the platform did or refused. */
export interface Decision {
  readonly actor: Pick<Actor, 'tenant' | 'principal' | 'class'>
  /** The operation's name, or what happened by itself such as `telemetry.prune`. */
  readonly operation: string
  readonly phase: Phase
  readonly subject?: string
  readonly intentId?: string
  readonly requestId?: string
  readonly payload?: unknown
}

/** Writes decisions. An entry that cannot be written is `audit_unavailable`, and the act does not happen. */
export interface Journal {
  /** Answers the entry's id once it is stored. */
  write(decision: Decision): Promise<string>
  /** Counts a refusal: the first of a credential and code at once, further ones of the same minute in one entry. */
  refused(
    decision: Omit<Decision, 'phase' | 'payload'> & { readonly by: string; readonly code: string },
  ): void
  /** Writes what was counted in minutes that are over. */
  sweep(): Promise<void>
  /** Writes all that was counted and not written yet. */
  flush(): Promise<void>
}

const minute = 60_000

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** The hash of a decision: SHA-256 over the canonical JSON of all it holds, its position and the hash before it. */
export const sealDecision: Seal = ({ tenant, position, prevHash, payload }) =>
  sha256(canonical({ ...(JSON.parse(payload) as object), tenant, position, prevHash }))

/** What a decision can be asked for by: copies of what it says, so that an edit of either is found by the other. */
export function decisionAttributes(
  decision: Readonly<Record<string, unknown>>,
): Record<string, string | null> {
  const actor = decision.actor as { readonly kind?: unknown; readonly id?: unknown } | undefined
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return {
    operation: text(decision.operation),
    phase: text(decision.phase),
    actor_kind: text(actor?.kind),
    actor_id: text(actor?.id),
    selected_env: text(decision.selected_env),
    subject: text(decision.subject),
    intent_id: text(decision.intentId),
    request_id: text(decision.requestId),
  }
}

interface Counted {
  readonly first: number
  last: number
  count: number
  readonly decision: Omit<Decision, 'phase' | 'payload'> & { readonly by: string; readonly code: string }
}

/** Makes the journal of one deployment over its decisions log. */
export function createJournal(needs: {
  readonly log: Log
  readonly now: () => number
  readonly randomId: () => string
  readonly environment: string
  readonly redact: Redactor
}): Journal {
  const { log, now, randomId, environment, redact } = needs
  const counted = new Map<string, Counted>()

  async function write(decision: Decision): Promise<string> {
    const id = randomId()
    const at = now()
    const { actor, operation, phase, subject, intentId, requestId } = decision
    const body = redact.value({
      id,
      at: new Date(at).toISOString(),
      tenant: actor.tenant,
      selected_env: environment,
      actor: { kind: actor.class, id: actor.principal },
      operation,
      phase,
      ...(intentId === undefined ? {} : { intentId }),
      ...(subject === undefined ? {} : { subject }),
      ...(requestId === undefined ? {} : { requestId }),
      payload: decision.payload ?? null,
    })
    let payload = JSON.stringify(body)
    if (payload.length > 32_768)
      payload = JSON.stringify({ ...body, payload: { sha256: sha256(canonical(body.payload)) } })
    const attributes = decisionAttributes(body)
    try {
      await log.append(actor.tenant, [
        { id, digest: sha256(canonical(body)), occurredAt: at, receivedAt: at, attributes, payload },
      ])
    } catch (error) {
      throw fault('audit_unavailable', undefined, { cause: error })
    }
    return id
  }

  async function writeCounted(key: string, one: Counted): Promise<void> {
    counted.delete(key)
    if (one.count === 0) return
    const { by: _, code, ...decision } = one.decision
    const span = {
      code,
      count: one.count,
      first: new Date(one.first).toISOString(),
      last: new Date(one.last).toISOString(),
    }
    await write({ ...decision, phase: 'refused', payload: span })
  }

  return {
    write,
    refused(decision) {
      const at = now()
      const key = `${decision.actor.tenant} ${decision.by} ${decision.code}`
      const known = counted.get(key)
      if (known !== undefined && at - known.first < minute) {
        known.last = at
        known.count += 1
        return
      }
      // A refusal must not fail because the journal is away: the answer to the caller stands either way.
      const quietly = (written: Promise<unknown>) => void written.catch(() => undefined)
      if (known !== undefined) quietly(writeCounted(key, known))
      if (counted.size > 10_000) return
      counted.set(key, { first: at, last: at, count: 0, decision })
      const { by: __, code, ...rest } = decision
      const stamp = new Date(at).toISOString()
      quietly(write({ ...rest, phase: 'refused', payload: { code, count: 1, first: stamp, last: stamp } }))
    },
    async sweep() {
      const before = now() - minute
      for (const [key, one] of [...counted])
        if (one.first <= before) await writeCounted(key, one).catch(() => undefined)
    },
    async flush() {
      for (const [key, one] of [...counted]) await writeCounted(key, one).catch(() => undefined)
    },
  }
}
