import type { Fault } from '@quarterdeck/sdk/errors'
import type { Meter } from '../../../core/meter.ts'
import type { CallRecord } from '../runner.ts'

type CallOutcome = CallRecord['outcome']

/** What became of a call that ended so; null: it gave an answer. */
export function outcomeOf(error: Fault | null): CallOutcome {
  if (error === null) return 'ok'
  if (error.code === 'write_conflict') return 'conflict'
  if (error.code === 'deadline_exceeded') return 'timeout'
  if (error.code === 'overloaded') return 'overloaded'
  return error.status < 500 || error.code === 'switched_off' ? 'refused' : 'failed'
}

/** Makes what counts calls and hands each on to be recorded. */
export function createCallRecorder(needs: {
  readonly meter: Meter
  readonly record: (call: CallRecord) => void
}): (call: Omit<CallRecord, 'outcome' | 'code'>, error: Fault | null) => void {
  const { meter, record } = needs
  const labels = new Map<
    string,
    { counted: Map<CallOutcome, { fn: string; outcome: string }>; fn: { fn: string } }
  >()

  return (call, error) => {
    const outcome = outcomeOf(error)
    let known = labels.get(call.fn)
    if (known === undefined) {
      known = { counted: new Map(), fn: { fn: call.fn } }
      labels.set(call.fn, known)
    }
    let counted = known.counted.get(outcome)
    if (counted === undefined) {
      counted = { fn: call.fn, outcome }
      known.counted.set(outcome, counted)
    }
    meter.add('function_calls_total', counted)
    meter.observe('function_seconds', known.fn, call.ms / 1_000)
    record({ ...call, outcome, code: error?.code ?? null })
  }
}
