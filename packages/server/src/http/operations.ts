import type { Operation } from '@quarterdeck/sdk/operation'
import type { Asked, Bound, Perform } from '../core/perform.ts'
import { type Answer, json } from './answer.ts'
import type { BodyLimits } from './body.ts'
import { runWithin } from './deadline.ts'
import { byOf } from './edge.ts'
import { type EdgeSettings, isSecure } from './edge-settings.ts'
import { readInput } from './input.ts'
import { otlpAnswer } from './otlp.ts'
import { createReply, fromOf, withSaid } from './reply.ts'
import type { Route } from './route.ts'
import { createTimeouts } from './timeouts.ts'

/** What a caller without a credential may send, bytes. */
const maxAnonymousBody = 4_096

/** Public keys are asked for by machines that hold no credential and may not be held off. */
const keysRoute = 'GET /.well-known/jwks.json'

type Changing<T> = { -readonly [Name in keyof T]: T[Name] }

/** Makes the route of an operation: whatever it does, it does through the door. */
export function createOperationRoute(needs: {
  readonly perform: Perform
  readonly settings: EdgeSettings
  readonly now: () => number
  /** How long a body may take to arrive, ms. */
  readonly bodyTimeoutMs: number
}): (bound: Bound) => Route {
  const { perform, settings, bodyTimeoutMs } = needs
  const secure = isSecure(settings)
  const keyField = settings.apiKeyQuery
  const after = createTimeouts(needs.now)

  return (bound) => {
    const { operation } = bound
    const isPublic = operation.permission === 'public'
    const max = operation.maxBody ?? settings.maxBody
    const ms = operation.timeoutMs ?? settings.requestTimeoutMs
    const known: BodyLimits = { max, timeoutMs: bodyTimeoutMs, after }
    const unknown: BodyLimits = { ...known, max: Math.min(max, maxAnonymousBody) }
    return {
      endpoint: operation.route.slice(operation.route.indexOf(' ') + 1),
      step: operation.route === keysRoute ? 3 : 10,
      open: isPublic,
      limit: operation.limit,
      operation,
      journaled: operation.name,
      async answer(arrival, caller, params, outgoing) {
        const { incoming, requestId, query } = arrival
        const { headers } = incoming
        const { actor, credential } = caller
        const limits = credential === null ? unknown : known
        const { reply, said } = createReply()
        const output = await runWithin({ after, outgoing, ms }, ({ signal, begin }) => {
          const asked: Changing<Asked> = {
            actor,
            async input() {
              const input = await readInput(operation, {
                params,
                query,
                incoming,
                outgoing,
                limits,
                keyField,
              })
              begin()
              return input
            },
            requestId,
            signal,
            from: fromOf(arrival, secure),
            reply,
            by: byOf(actor, arrival.address),
          }
          const proof = headers['x-console-proof']
          const idempotencyKey = headers['idempotency-key']
          if (proof !== undefined) asked.proof = String(proof)
          if (idempotencyKey !== undefined) asked.idempotencyKey = String(idempotencyKey)
          return perform(bound, asked)
        })
        return withSaid(answerOf(operation, output, headers['content-type']), said, secure)
      },
    }
  }
}

function answerOf(operation: Operation, output: unknown, type: string | undefined): Answer {
  if (operation.source === 'bytes') return otlpAnswer(operation, output, type)
  const { status } = operation
  return status === 204 || output === undefined ? { status, body: null } : json(status, output)
}
