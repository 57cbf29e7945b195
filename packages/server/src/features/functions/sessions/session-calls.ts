import { fault } from '@quarterdeck/sdk/errors'
import { answerOfStored, storedAnswer } from '../calls/answers.ts'
import type { Attempted } from '../calls/attempts.ts'
import { createLateTx } from '../calls/late-tx.ts'
import type { Answered } from '../calls/repeats.ts'
import type { RunFunction } from '../calls/run-function.ts'
import type { OpenSession, Sessions } from './sessions.ts'

/** Makes what runs a call within a session: once, at the session's snapshot, over what its calls before it wrote. */
export function createSessionCalls(needs: {
  readonly sessions: Sessions
  readonly runFunction: RunFunction
}): (asked: Attempted, sid: string) => Promise<Answered> {
  const { sessions, runFunction } = needs

  async function run(asked: Attempted, { tx, usage, note, afters }: OpenSession) {
    const { fn, stop, keyed } = asked
    const before = keyed === null ? undefined : note.answers[keyed.idempotency]
    if (before !== undefined) {
      if (before.request !== keyed?.request) throw fault('idempotency_mismatch')
      return { result: answerOfStored(before.result), note }
    }
    // What the function was promised by its author, a weaker session cannot keep.
    if (fn.said.isolation === 'serializable' && note.isolation !== 'serializable')
      throw fault('invalid', 'The function needs a session that was begun with serializable isolation')
    // A handler that does not end when its call does would hold the session.
    const ended = Promise.withResolvers<never>()
    const unhear = stop.hear((reason) => {
      tx.abort()
      ended.reject(reason)
    })
    try {
      const { known, caller, at, log } = asked
      const run = { known, caller, tx: createLateTx(() => tx, usage), stop, notes: null, at, afters, log }
      const answer = await Promise.race([ended.promise, runFunction(run, fn, asked.args)])
      stop.check()
      const answers =
        keyed === null
          ? note.answers
          : { ...note.answers, [keyed.idempotency]: { request: keyed.request, result: storedAnswer(answer) } }
      return { result: answer, note: { ...note, usage: usage.state(), answers } }
    } finally {
      unhear()
    }
  }

  return async (asked, sid) => {
    const { stop, caller } = asked
    const answer = await sessions.within(
      caller,
      sid,
      (session) => run(asked, session),
      (underway) => {
        stop.committing = underway
      },
    )
    return { answer, number: null }
  }
}
