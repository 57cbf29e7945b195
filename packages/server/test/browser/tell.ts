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
