import { CallItem } from '@quarterdeck/sdk/contract/functions'
import { z } from 'zod'
import type { CallRecord } from '../runner.ts'
import type { WaitingCall } from './call-batch.ts'

/** The type of telemetry records that are calls. */
export const callType = 'quarterdeck.function.call'

/** How telemetry counts what became of a call: one that was refused did neither well nor badly. */
const outcomes = {
  ok: 'pass',
  refused: 'ambiguous',
  failed: 'fail',
  conflict: 'fail',
  timeout: 'fail',
  overloaded: 'fail',
} as const satisfies Record<CallRecord['outcome'], string>

/** A call as a record of telemetry: who, what, how long, and never what it was given or gave. */
export function callNote({ id, call, calls }: WaitingCall) {
  return {
    event_id: `call:${id}`,
    event_type: callType,
    session_id: call.traceId ?? call.requestId,
    timestamp: call.at,
    ...(call.traceId === null ? {} : { trace_id: call.traceId }),
    outcome: outcomes[call.outcome],
    duration_ms: call.ms,
    function: {
      name: call.fn,
      hash: call.hash,
      outcome: call.outcome,
      /** How many calls like it this one stands for. */
      calls,
      principal: call.principal,
      request_id: call.requestId,
      ...(call.code === null ? {} : { code: call.code }),
      ...(call.number === null ? {} : { number: call.number }),
    },
  } as const
}

const Noted = z.object({
  timestamp: z.number(),
  duration_ms: z.number(),
  trace_id: z.string().optional(),
  function: CallItem.pick({ outcome: true, code: true, principal: true, number: true }),
})

/** A call as it is listed, from the stored text of its record. */
export function callItem(payload: string): z.infer<typeof CallItem> {
  const { timestamp, duration_ms: ms, trace_id: traceId, function: of } = Noted.parse(JSON.parse(payload))
  return {
    at: new Date(timestamp).toISOString(),
    ms,
    ...of,
    ...(traceId === undefined ? {} : { traceId }),
  }
}
