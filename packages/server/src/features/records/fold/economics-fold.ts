import type { EconomicsRecord } from '@quarterdeck/sdk/contract/record'
import type { FoldEntry } from './fold-entry.ts'
import { instantOf } from './instant-of.ts'

const unattributed = 'unattributed'

export type Outcome = NonNullable<EconomicsRecord['delegations']>[number]['outcome']

/** What the views need of one run. A price nobody gave is null, never 0. */
export interface Run {
  /** When it was, else when it was received: Unix ms. */
  readonly at: number
  readonly taskSlug: string
  readonly modelTier: string
  readonly kitCondition: string
  readonly accepted: boolean
  readonly costUsd: number | null
  readonly byModel: readonly (readonly [model: string, costUsd: number | null])[]
  readonly humanWaitS: number
  readonly iterations: number
  readonly routeBacks: number
  readonly gateFires: number
  readonly findings: {
    readonly critical: number
    readonly high: number
    readonly medium: number
    readonly low: number
  }
  readonly caughtFalseCompletions: number
  readonly delegations: readonly (readonly [role: string, model: string, outcome: Outcome])[]
}

export interface EconomicsState {
  readonly runs: Run[]
}

export function emptyEconomics(): EconomicsState {
  return { runs: [] }
}

/** Takes in one run. The log has each run once, and a run is immutable. */
export function applyEconomics(state: EconomicsState, entry: FoldEntry): void {
  // Parsed against its schema when it was appended.
  const record = entry.record as unknown as EconomicsRecord
  const { cost, time, iterations, defects } = record
  const { critical, high, medium, low } = defects.findings_by_severity
  state.runs.push({
    at: record.at === undefined ? entry.receivedAt : instantOf(record.at, entry.receivedAt),
    taskSlug: record.task_slug ?? unattributed,
    modelTier: record.model_tier ?? unattributed,
    kitCondition: record.kit_condition ?? unattributed,
    accepted: record.acceptance_label === 'accepted',
    costUsd: cost.estimated_cost_usd,
    byModel: cost.by_model.map(({ model, estimated_cost_usd }) => [bare(model), estimated_cost_usd]),
    humanWaitS: time.human_wait_s,
    iterations: iterations.count,
    routeBacks: iterations.route_backs,
    gateFires: defects.gate_fires,
    findings: { critical, high, medium, low },
    caughtFalseCompletions: defects.caught_false_completions,
    delegations: (record.delegations ?? []).map(({ role, resolved_model, outcome }) => [
      role ?? unattributed,
      resolved_model === undefined ? unattributed : bare(resolved_model),
      outcome,
    ]),
  })
}

/** A model's name without the provider that served it: `name@provider`. */
function bare(model: string): string {
  const at = model.indexOf('@')
  return at > 0 ? model.slice(0, at) : model
}
