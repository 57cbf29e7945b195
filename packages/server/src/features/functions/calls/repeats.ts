import { hash } from 'node:crypto'
import { canonical } from '@quarterdeck/sdk/digest'
import { fault } from '@quarterdeck/sdk/errors'
import type { CallerInfo } from '@quarterdeck/sdk/functions/context'
import { faultOf } from '../../../core/port-fault.ts'
import type { Remembered, Tables } from '../../../ports/tables.ts'
import type { Answer } from '../runner.ts'
import { answerOfStored } from './answers.ts'
import type { Stop } from './stop.ts'

/** A call under a key: by what its commit is known, and what it was asked. Both are digests. */
export interface Keyed {
  readonly idempotency: string
  readonly request: string
}

export interface Answered {
  readonly answer: Answer
  readonly number: number | null
}

const digest = (value: unknown) => hash('sha256', canonical(value), 'hex')

/** What names a call under a key, for this caller and function alone. */
export function keyedOf(caller: CallerInfo, fn: string, key: string, args: readonly unknown[]): Keyed {
  const idempotency = digest(['call', caller.tenant, caller.class, caller.principal, fn, key])
  return { idempotency, request: digest(args) }
}

/** The answer that was given under the key. Throws `idempotency_mismatch` when other arguments were given then. */
export function answerAgain(keyed: Keyed, { request, result, number }: Remembered): Answered {
  if (request !== keyed.request) throw fault('idempotency_mismatch')
  return { answer: answerOfStored(result), number }
}

/** Makes repeats of calls under their keys have one effect and one answer. */
export function createRepeats(needs: { readonly tables: Pick<Tables, 'recall'> }): {
  /**
   * Runs a call unless it was answered before. Throws `idempotency_in_progress` while this process runs it: until it is
   * ended, whatever its handler still does, as nothing of that is committed any more.
   */
  once(
    tenant: string,
    keyed: Keyed,
    stop: Pick<Stop, 'hear' | 'committing'>,
    run: () => Promise<Answered>,
  ): Promise<Answered>
} {
  const running = new Map<string, Keyed>()

  return {
    async once(tenant, keyed, stop, run) {
      const { idempotency, request } = keyed
      const under = running.get(idempotency)
      if (under !== undefined)
        throw fault(under.request === request ? 'idempotency_in_progress' : 'idempotency_mismatch')
      running.set(idempotency, keyed)
      const free = () => {
        if (running.get(idempotency) === keyed) running.delete(idempotency)
      }
      const unhear = stop.hear(() => {
        if (!stop.committing) free()
      })
      try {
        const known = await needs.tables.recall(tenant, idempotency).catch((error: unknown) => {
          throw faultOf(error)
        })
        return known === null ? await run() : answerAgain(keyed, known)
      } finally {
        unhear()
        free()
      }
    },
  }
}
