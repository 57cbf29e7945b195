import type { ArrayName, Tier } from '@quarterdeck/sdk/contract/record'
import type { StateObject } from '@quarterdeck/sdk/contract/state'
import {
  applyRecord,
  emptyRecords,
  type FoldEntry,
  presentObject,
  type RecordsState,
  type Touched,
} from './records-fold.ts'

export const start = Date.parse('2026-11-20T09:00:00Z')

/** The time so many minutes into a story. */
export const minute = (count: number): string => new Date(start + count * 60_000).toISOString()

type Said = {
  id?: string
  at?: number
  sequence?: number
  producer?: { id: string; product: string; runId?: string }
  tier?: Tier
  subject?: { product?: string; kind?: string; label?: string }
  receivedAt?: number
  [field: string]: unknown
}

const runner = { id: 'runner', product: 'flow' }
const scope = { kind: 'repo', id: 'shop' }

/** An event of a story: `at` is in minutes, and it is received when it happens unless said otherwise. */
export function event(position: number, type: string, subject: string, said: Said = {}): FoldEntry {
  const { at = position, tier = 'own', receivedAt, subject: about, id, producer, sequence, ...payload } = said
  return {
    position,
    id: id ?? `e${position}`,
    receivedAt: receivedAt ?? start + at * 60_000,
    tier,
    record: {
      schema: 'console.event',
      version: '0.1',
      id: id ?? `e${position}`,
      type,
      occurredAt: minute(at),
      producer: producer ?? runner,
      scope,
      subject: { product: 'flow', kind: type.split('.')[0], id: subject, ...about },
      payload,
      ...(sequence === undefined ? {} : { sequence }),
    },
  }
}

/** A projection of a story. */
export function projection(position: number, said: Record<string, unknown> & { at?: number }): FoldEntry {
  const { at = position, ...rest } = said
  return {
    position,
    id: `projection:${position}`,
    receivedAt: start + at * 60_000,
    tier: 'independent',
    record: {
      schema: 'console.projection',
      version: '0.1',
      generatedAt: minute(at),
      producer: { id: 'trust', product: 'claims' },
      scope,
      derivedFrom: { mode: 'event_replay' },
      ...rest,
    },
  }
}

/** A claim, heartbeat or release of a story. */
export function liveness(position: number, said: Record<string, unknown> & { at?: number }): FoldEntry {
  const { at = position, receivedAt, ...rest } = said
  return {
    position,
    id: `liveness:${position}`,
    receivedAt: typeof receivedAt === 'number' ? receivedAt : start + at * 60_000,
    tier: 'own',
    record: {
      schema: 'console.liveness',
      version: '0.1',
      subjectId: 'run-7',
      actor: 'ann',
      type: 'claim',
      ttlSeconds: 1_800,
      at: minute(at),
      ...rest,
    },
  }
}

/** A state with all entries told, and what the last one touched. */
export function told(...entries: FoldEntry[]): { state: RecordsState; touched: readonly Touched[] } {
  const state = emptyRecords()
  let touched: readonly Touched[] = []
  for (const entry of entries) touched = applyRecord(state, entry)
  return { state, touched }
}

/** One object after all entries, as shown a minute after the last of them, or at another minute. */
export function shown(
  entries: readonly FoldEntry[],
  kind: ArrayName,
  id: string,
  product = 'flow',
  at = (entries.at(-1)?.receivedAt ?? start) + 60_000,
): StateObject | null {
  return presentObject(told(...entries).state, kind, product, id, at)
}

type Run = {
  at?: string | undefined
  receivedAt?: number
  slug?: string
  tier?: string
  kit?: string
  label?: string
  cost?: number | null
  models?: Record<string, number | null>
  iterations?: number
  routeBacks?: number
  wait?: number
  fires?: number
  found?: [critical: number, high: number, medium: number, low: number]
  caught?: number
  delegations?: { role?: string; resolved_model?: string; outcome: string }[]
}

/** What one run of a story cost and found. */
export function economics(position: number, run: Run): FoldEntry {
  const [critical, high, medium, low] = run.found ?? [0, 0, 0, 0]
  const named = {
    task_slug: run.slug,
    model_tier: run.tier,
    kit_condition: run.kit,
    acceptance_label: run.label,
    delegations: run.delegations,
    at: 'at' in run ? run.at : minute(position),
  }
  return {
    position,
    id: `economics:run-${position}`,
    receivedAt: run.receivedAt ?? start,
    tier: 'own',
    record: {
      schema: 'console.economics',
      version: '0.1',
      run_id: `run-${position}`,
      ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
      cost: {
        input_tokens: 1,
        output_tokens: 1,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        estimated_cost_usd: run.cost === undefined ? 1 : run.cost,
        by_model: Object.entries(run.models ?? {}).map(([model, cost]) => ({
          model,
          estimated_cost_usd: cost,
        })),
      },
      time: { wall_clock_s: 60, human_wait_s: run.wait ?? 0 },
      iterations: { count: run.iterations ?? 1, route_backs: run.routeBacks ?? 0 },
      defects: {
        gate_fires: run.fires ?? 0,
        findings_by_severity: { critical, high, medium, low },
        caught_false_completions: run.caught ?? 0,
        verification_verdict: 'PASS',
      },
    },
  }
}
