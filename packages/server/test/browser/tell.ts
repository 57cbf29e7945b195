import { randomUUID } from 'node:crypto'
import { event, type Stage } from '../stage.ts'

/** A subject of product flow. */
export const flow = (kind: string, id: string) => ({ product: 'flow', kind, id })

/** An event of now about a subject of product flow. */
export function now(type: string, kind: string, id: string, payload: object = {}): Record<string, unknown> {
  return event(randomUUID(), {
    type,
    occurredAt: new Date().toISOString(),
    subject: flow(kind, id),
    payload,
  })
}

/** What a run cost and what it found. */
export function economics(run: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    schema: 'console.economics',
    version: '0.1',
    producer: { id: 'runner', product: 'flow' },
    run_id: run,
    at: new Date().toISOString(),
    cost: {
      input_tokens: 41_000,
      output_tokens: 5_200,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      estimated_cost_usd: 3.1,
      by_model: [{ model: 'big-1', estimated_cost_usd: 3.1 }],
    },
    time: { wall_clock_s: 640, human_wait_s: 90 },
    iterations: { count: 1, route_backs: 0 },
    defects: {
      gate_fires: 1,
      findings_by_severity: { critical: 0, high: 1, medium: 2, low: 0 },
      caught_false_completions: 1,
      verification_verdict: 'PASS',
    },
    ...more,
  }
}

/** Tells the stage records over HTTP, in their order; throws unless each was accepted. */
export async function tell(stage: Stage, ...records: readonly Record<string, unknown>[]): Promise<void> {
  await post(stage, '/records', records)
}

/** The same for telemetry. */
export async function measure(stage: Stage, ...records: readonly Record<string, unknown>[]): Promise<void> {
  await post(stage, '/telemetry/records', records)
}

async function post(stage: Stage, path: string, records: readonly object[]): Promise<void> {
  const response = await fetch(`${stage.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(records),
  })
  const answer = await response.text()
  if (!response.ok || /"status":"(?!accepted)/.test(answer)) throw new Error(`not accepted: ${answer}`)
}

/** Sends a trace of three spans over OTLP: a request, a call beneath it, and one beneath that which failed. */
export async function trace(stage: Stage, traceId: string): Promise<void> {
  const begun = Date.now() - 5_000
  const nanos = (ms: number) => `${begun + ms}000000`
  const span = (spanId: string, parentSpanId: string, name: string, from: number, to: number, code = 1) => ({
    traceId,
    spanId,
    parentSpanId,
    name,
    kind: 2,
    startTimeUnixNano: nanos(from),
    endTimeUnixNano: nanos(to),
    attributes: [{ key: 'http.route', value: { stringValue: '/refunds' } }],
    status: { code },
  })
  const spans = [
    span('00f067aa0ba902b7', '', 'POST /refunds', 0, 842),
    span('00f067aa0ba902b8', '00f067aa0ba902b7', 'ledger.transfer', 35, 700),
    span('00f067aa0ba902b9', '00f067aa0ba902b8', 'POST bank', 60, 690, 2),
  ]
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }
  const response = await fetch(`${stage.url}/v1/traces`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'shop' }, spans }] }] }),
  })
  const answer = await response.text()
  if (answer !== '{}') throw new Error(`not accepted: ${answer}`)
}
