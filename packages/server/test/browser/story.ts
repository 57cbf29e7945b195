import type { Stage } from '../stage.ts'
import { economics, flow, measure, now, tell, trace } from './tell.ts'

/** The trace of the story. */
export const traceId = '0af7651916cd43dd8448eb211c80319c'

const run7 = flow('process', 'run-7')
const tests = flow('gate', 'run-7/tests')

/** Fills a stage with something for every page and every part of it. */
export async function tellStory(stage: Stage): Promise<void> {
  await tell(stage, ...work(), ...judgements(), ...numbers())
  await measure(stage, ...calls())
  await trace(stage, traceId)
}

function work(): Record<string, unknown>[] {
  return [
    now('process.progressed', 'process', 'run-1', {
      after: { title: 'Dark receipts', status: 'not_started' },
    }),
    now('process.started', 'process', 'run-2', { after: { title: 'Search by order', stage: 'planning' } }),
    now('process.completed', 'process', 'run-3', { after: { title: 'Invoice export' } }),
    now('process.started', 'process', 'run-7', { after: { title: 'Refunds', stage: 'in_flight' } }),
    now('gate.opened', 'gate', tests.id, { after: { title: 'Tests of refunds', processRef: run7 } }),
    now('gate.failed', 'gate', tests.id, {
      reason: '2 of 418 tests fail',
      after: { url: 'https://ci.example/7' },
    }),
    now('gate.opened', 'gate', 'run-7/review', { after: { title: 'Review of refunds', processRef: run7 } }),
    now('gate.passed', 'gate', 'run-7/lint', { after: { title: 'Lint of refunds', processRef: run7 } }),
    now('process.blocked', 'process', 'run-7', { reason: 'waits for the sandbox' }),
    now('flow.pipeline.snapshot', 'pipeline', 'run-7', {
      after: {
        status: 'running',
        stages: [
          { id: 'build', status: 'completed' },
          { id: 'tests', status: 'failed' },
        ],
      },
    }),
    now('weather.changed', 'page', 'handbook', { summary: 'of a type that nobody lists' }),
    { ...now('weather.changed', 'page', 'handbook', {}), sequence: 1 },
    { ...now('weather.changed', 'page', 'handbook', {}), sequence: 5 },
    liveness('builder', 'run-7', 'claim', 0),
    liveness('builder-2', 'run-2', 'claim', 3_600_000),
  ]
}

function judgements(): Record<string, unknown>[] {
  return [
    now('claim.status.changed', 'claim', 'pays-once', {
      after: { status: 'disputed', title: 'A refund pays once', subjectRef: run7 },
      refs: [tests],
      reason: 'a second refund appeared',
    }),
    now('evidence.attached', 'evidence', 'report', {
      after: { title: 'Test report', producerRef: flow('producer', 'runner') },
      refs: [tests, run7],
    }),
    now('evidence.attached', 'evidence', 'ledger', {
      after: {
        status: 'missing',
        title: 'Ledger diff',
        producerRef: { ...flow('team', 'pay'), label: 'Payments team' },
      },
      refs: [tests],
    }),
    now('review_item.opened', 'review_item', 'rv-12', {
      after: { kind: 'design', title: 'Two people or one?', subjectRef: run7 },
    }),
    now('exception.requested', 'exception', 'ex-4', { after: { title: 'Ship without it' }, refs: [tests] }),
    now('decision.recorded', 'decision', 'd-8', {
      after: { kind: 'scope', decidedAt: new Date().toISOString(), title: 'One currency', subjectRef: run7 },
    }),
    now('action.requested', 'action', 'rerun', {
      after: { kind: 'command', authority: 'operator', title: 'Run them again', command: 'npm test' },
    }),
  ]
}

function numbers(): Record<string, unknown>[] {
  const delegations = [
    { role: 'builder', resolved_model: 'big-1', outcome: 'accepted' },
    { role: 'builder', resolved_model: 'big-1', outcome: 'rework' },
    { role: 'reviewer', resolved_model: 'big-1', outcome: 'unavailable' },
  ]
  const accepted = { acceptance_label: 'accepted', task_slug: 'refunds' }
  return [
    economics('run-7', { ...accepted, model_tier: 'small', kit_condition: '+kit', delegations }),
    economics('run-8', {
      ...accepted,
      model_tier: 'large',
      kit_condition: 'bare',
      iterations: { count: 3, route_backs: 1 },
      cost: { ...(economics('').cost as object), estimated_cost_usd: 6.2 },
    }),
  ]
}

function calls(): Record<string, unknown>[] {
  return Array.from({ length: 12 }, (_, n) => ({
    schema_version: '0.3.0',
    event_type: 'tool.result',
    event_id: `call-${n}`,
    session_id: `s-${n % 3}`,
    timestamp: Date.now() - n * 20_000,
    agent: { name: n % 2 === 0 ? 'builder' : 'reviewer', runtime: 'node' },
    context: { project: 'shop' },
    tool: {
      name: n < 9 ? 'run_tests' : 'search_code',
      duration_ms: 100 * (n + 1),
      outcome: n < 3 ? 'fail' : 'pass',
    },
  }))
}

function liveness(actor: string, subjectId: string, type: string, ago: number): Record<string, unknown> {
  return {
    schema: 'console.liveness',
    version: '0.1',
    producer: { id: 'runner', product: 'flow' },
    actor,
    subjectId,
    type,
    at: new Date(Date.now() - ago).toISOString(),
    ttlSeconds: 1_800,
  }
}
