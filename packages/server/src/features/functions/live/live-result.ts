import { createHash } from 'node:crypto'
import { canonical } from '@quarterdeck/sdk/digest'
import { type Code, problemOf } from '@quarterdeck/sdk/errors'
import type { FeedEvent } from '../../../core/feed.ts'
import { faultOf } from '../../../core/port-fault.ts'
import { shownAnswer } from '../calls/answers.ts'
import type { Answer } from '../runner.ts'

/** What a run of a live query came to, as its readers are told. */
export interface LiveResult {
  readonly data: FeedEvent['data']
  /** Equal for equal results. */
  readonly digest: string
  /** Why it failed; null when it did not. */
  readonly code: Code | null
}

/** A run's answer; one of its own is told as the client tells it. */
export const resultOf = (answer: Answer): LiveResult => told({ ...shownAnswer(answer) }, null)

/** A failed run: only faults of the table show a text. */
export function problemResultOf(error: unknown): LiveResult {
  const fault = faultOf(error)
  return told({ problem: problemOf(fault) }, fault.code)
}

function told(data: FeedEvent['data'], code: Code | null): LiveResult {
  return { data, digest: createHash('sha256').update(canonical(data)).digest('base64url'), code }
}
