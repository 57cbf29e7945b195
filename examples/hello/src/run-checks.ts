import type { Emitter } from '@quarterdeck/sdk/emitter'
import { type Check, checks, type Found } from './checks.ts'

const scope = { kind: 'service', id: 'hello' }
const product = 'hello'
const actor = 'check-runner'

/**
 * Runs all checks once, and tells the console of each step as it happens. A run that is blocked is taken up again.
 * Answers the run's id if it is blocked now.
 */
export async function runChecks(
  emitter: Emitter,
  origin: string,
  cause: string,
  blocked?: string,
): Promise<string | undefined> {
  const run = blocked ?? `checks-${new Date().toISOString().slice(0, 23).replaceAll(/[:.]/g, '-')}`
  const process = { product, kind: 'process', id: run }
  const event = (
    type: string,
    subject: { product: string; kind: string; id: string },
    payload: Record<string, unknown>,
  ) => emitter.emit({ schema: 'console.event', type, scope, subject, correlationId: run, payload })
  const alive = (type: 'claim' | 'heartbeat' | 'release') =>
    emitter.emit({ schema: 'console.liveness', actor, subjectId: `${product}/${run}`, type, ttlSeconds: 120 })

  await alive('claim')
  await event(blocked === undefined ? 'process.started' : 'process.resumed', process, {
    summary: `Checks of hello (${cause})`,
    after: { title: 'Checks of hello', stage: 'in flight', cause },
  })
  const results: { check: Check; found: Found }[] = []
  for (const check of checks) {
    results.push({ check, found: await runOne(check) })
    await alive('heartbeat')
  }
  const failed = results.filter(({ found }) => !found.passed)
  await claim(failed.length === 0)
  if (failed.length === 0) {
    await event('process.completed', process, { summary: 'All checks passed', after: { stage: 'done' } })
  } else {
    const reason = failed.map(({ check, found }) => `${check.label}: ${found.summary}`).join('; ')
    await event('process.blocked', process, { reason, after: { stage: 'verify' } })
  }
  await alive('release')
  return failed.length === 0 ? undefined : run

  async function runOne(check: Check): Promise<Found> {
    const gate = { product, kind: 'gate', id: `${run}/${check.id}` }
    await event('gate.opened', gate, { after: { title: check.label, processRef: process } })
    const found = await check.run(origin)
    await emitter.telemetry({
      schema_version: '0.3.0',
      event_type: 'tool.result',
      session_id: run,
      task_slug: 'checks',
      timestamp: Date.now(),
      agent: { name: actor, runtime: 'node' },
      context: { project: product },
      tool: { name: check.id, duration_ms: Math.round(found.ms), outcome: found.passed ? 'pass' : 'fail' },
    })
    const evidence = { product, kind: 'evidence', id: `${run}/${check.id}` }
    await event('evidence.attached', evidence, {
      summary: found.summary,
      after: {
        status: 'available',
        title: check.label,
        summary: found.summary,
        producerRef: { product, kind: 'producer', id: 'hello' },
      },
      refs: [gate],
    })
    await event(found.passed ? 'gate.passed' : 'gate.failed', gate, {
      summary: found.summary,
      ...(found.passed ? {} : { reason: found.summary }),
      after: { processRef: process, durationMs: Math.round(found.ms) },
      refs: [evidence],
    })
    return found
  }

  async function claim(holds: boolean): Promise<void> {
    await event(
      'claim.status.changed',
      { product, kind: 'claim', id: 'greets-everyone' },
      {
        summary: holds ? 'hello greets in every language it has to know' : 'A check of hello failed',
        after: { status: holds ? 'verified' : 'disputed', title: 'hello greets everyone', checkedBy: run },
        refs: [process],
      },
    )
  }
}
