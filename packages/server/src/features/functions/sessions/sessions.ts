import { hash } from 'node:crypto'
import { fault } from '@quarterdeck/sdk/errors'
import type { CallerInfo, Log } from '@quarterdeck/sdk/functions/context'
import { faultOf } from '../../../core/port-fault.ts'
import type { Keep } from '../../../ports/keep.ts'
import type { Isolation, Tables, Tx } from '../../../ports/tables.ts'
import { runAfters } from '../calls/attempts.ts'
import type { Commit } from '../calls/commit.ts'
import { createUsage, type Usage } from '../tables/usage.ts'
import { emptyNote, SessionNote } from './session-note.ts'
import { createWaitingEffects } from './waiting-effects.ts'

/** A session while one of its calls runs. */
export interface OpenSession {
  readonly tx: Tx
  readonly usage: Usage
  readonly note: SessionNote
  /** What its calls want done after the commit, as far as this process heard. */
  readonly afters: (() => unknown)[]
}

/** Transactions across calls, on any process; each is its principal's alone, and everybody else finds nothing. */
export interface Sessions {
  /** Throws `rate_limited` beyond 20 of a principal. */
  begin(
    caller: CallerInfo,
    isolation: Isolation,
  ): Promise<{ readonly sessionId: string; readonly snapshot: number; readonly expiresAt: string }>
  /**
   * Runs a call within a session. What it wrote stays when `run` answers, and is dropped when it throws. Throws
   * `not_found` and `session_busy`. `keeping` is told while it is being put away.
   */
  within<Result>(
    caller: CallerInfo,
    sid: string,
    run: (session: OpenSession) => Promise<{ readonly result: Result; readonly note: SessionNote }>,
    keeping: (underway: boolean) => void,
  ): Promise<Result>
  /** Commits; repeated by the same principal it answers the same. The number is null when nothing was written. */
  commit(caller: CallerInfo, sid: string): Promise<{ readonly number: number | null }>
  abort(caller: CallerInfo, sid: string): Promise<void>
}

const idleMs = 30_000
const wholeMs = 5 * 60_000
const maxSessions = 20

/** Makes sessions over `tables`, which keeps them for all processes. */
export function createSessions(needs: {
  readonly tables: Pick<Tables, 'begin' | 'suspend' | 'resume' | 'forget' | 'suspended' | 'recall'>
  readonly keep: Keep
  readonly commit: Commit
  readonly prepare: (tenant: string) => void | Promise<void>
  readonly log: Log
  readonly now: () => number
}): Sessions {
  const { tables, keep, now } = needs
  const busy = new Set<string>()
  const effects = createWaitingEffects({ now, keptMs: wholeMs })

  /** Runs alone on a session in this process; other processes find out when they put it away. */
  async function alone<Result>(caller: CallerInfo, sid: string, run: () => Promise<Result>): Promise<Result> {
    if (sid.length < 1 || sid.length > 128) throw fault('not_found')
    const key = JSON.stringify([caller.tenant, caller.principal, sid])
    if (busy.has(key)) throw fault('session_busy')
    busy.add(key)
    try {
      return await run()
    } catch (error) {
      throw faultOf(error)
    } finally {
      busy.delete(key)
    }
  }

  async function resume({ tenant, principal }: CallerInfo, sid: string) {
    const found = await tables.resume(tenant, principal, sid)
    if (found === null) return null
    return { ...found, note: SessionNote.parse(found.note) }
  }

  const putAway = (caller: CallerInfo, tx: Tx, begunAt: number, note: SessionNote) =>
    tables.suspend(tx, {
      principal: caller.principal,
      expiresAt: new Date(Math.min(now() + idleMs, begunAt + wholeMs)),
      note,
    })

  /** A failed call was a sign of life too. */
  async function stayAwake(caller: CallerInfo, sid: string): Promise<void> {
    try {
      const found = await resume(caller, sid)
      if (found !== null) await putAway(caller, found.tx, found.begunAt.getTime(), found.note)
    } catch {
      // Then it ends earlier.
    }
  }

  const keyOf = ({ tenant, principal }: CallerInfo, sid: string) =>
    hash('sha256', JSON.stringify(['session', tenant, principal, sid]), 'hex')
  const emptyKey = (key: string) => `functions/committed/${key}`

  /** What the session became that is not there any more. */
  async function committedBefore(caller: CallerInfo, sid: string): Promise<{ number: number | null }> {
    const key = keyOf(caller, sid)
    const remembered = await tables.recall(caller.tenant, key)
    if (remembered !== null) return { number: remembered.number }
    if ((await keep.get(emptyKey(key))) !== null) return { number: null }
    throw fault('not_found')
  }

  return {
    async begin(caller, isolation) {
      try {
        await needs.prepare(caller.tenant)
        const tx = tables.begin({ tenant: caller.tenant, isolation })
        const snapshot = await tx.snapshot()
        const begunAt = now()
        await putAway(caller, tx, begunAt, emptyNote(isolation))
        if ((await tables.suspended(caller.tenant, caller.principal)) > maxSessions) {
          await tables.forget(caller.tenant, caller.principal, tx.sid)
          throw fault('rate_limited', `A principal has at most ${maxSessions} sessions`, {
            members: { retryAfter: idleMs / 1_000, limit: 'sessions' },
          })
        }
        return { sessionId: tx.sid, snapshot, expiresAt: new Date(begunAt + idleMs).toISOString() }
      } catch (error) {
        throw faultOf(error)
      }
    },
    within: (caller, sid, run, keeping) =>
      alone(caller, sid, async () => {
        const found = await resume(caller, sid)
        if (found === null) throw fault('not_found')
        const { tx, begunAt, note } = found
        const afters: (() => unknown)[] = []
        let ran: Awaited<ReturnType<typeof run>>
        try {
          ran = await run({ tx, usage: createUsage(true, note.usage), note, afters })
        } catch (error) {
          tx.abort()
          await stayAwake(caller, sid)
          throw error
        }
        keeping(true)
        try {
          if (!(await putAway(caller, tx, begunAt.getTime(), ran.note))) throw fault('session_busy')
        } finally {
          keeping(false)
        }
        effects.add(keyOf(caller, sid), afters)
        return ran.result
      }),
    commit: (caller, sid) =>
      alone(caller, sid, async () => {
        const found = await resume(caller, sid)
        if (found === null) return committedBefore(caller, sid)
        const { tx, note } = found
        const key = keyOf(caller, sid)
        const wrote = note.usage.sizes.length > 0
        const meta = { principal: caller.principal, bits: note.usage.bits }
        const committed = await needs
          .commit(tx, caller.tenant, wrote ? { ...meta, idempotency: key, request: sid } : meta, {
            committing: false,
          })
          .catch(async (error: unknown) => {
            const failed = faultOf(error)
            // Of what is not certain the next try asks again.
            if (failed.status < 500) await tables.forget(caller.tenant, caller.principal, sid)
            throw failed
          })
        const afters = effects.take(key)
        if (committed === null) {
          await tables.forget(caller.tenant, caller.principal, sid)
          throw fault('write_conflict')
        }
        if (!wrote) await keep.put(emptyKey(key), '1', wholeMs)
        runAfters({ afters, log: () => needs.log })
        return { number: wrote ? committed.number : null }
      }),
    abort: (caller, sid) =>
      alone(caller, sid, async () => {
        effects.take(keyOf(caller, sid))
        if (!(await tables.forget(caller.tenant, caller.principal, sid))) throw fault('not_found')
      }),
  }
}
