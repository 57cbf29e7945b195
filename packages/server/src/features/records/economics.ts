import type { EconomicsAnswer } from '@quarterdeck/sdk/contract/economics'
import { compareText } from './fold/compare-text.ts'
import type { EconomicsState, Outcome, Run } from './fold/economics-fold.ts'

export type EconomicsViewName = EconomicsAnswer['view']
type View<Name extends EconomicsViewName> = Extract<EconomicsAnswer, { view: Name }>

/** One view over the runs of a time from (included) to (excluded), Unix ms. Nothing is rounded. */
export function economicsView(
  state: EconomicsState,
  view: EconomicsViewName,
  from?: number,
  to?: number,
): EconomicsAnswer {
  const runs = state.runs.filter(
    (run) => (from === undefined || run.at >= from) && (to === undefined || run.at < to),
  )
  switch (view) {
    case 'cost':
      return costView(runs)
    case 'funnel':
      return funnelView(runs)
    case 'value':
      return valueView(runs)
    case 'delegations':
      return delegationsView(runs)
  }
}

function costView(runs: readonly Run[]): View<'cost'> {
  const groups = grouped(runs, (run) => [run.taskSlug, new Date(run.at).toISOString().slice(0, 10)])
  return {
    view: 'cost',
    rows: groups.map(([[taskSlug = '', day = ''], of]) => ({
      taskSlug,
      day,
      runs: of.length,
      costUsd: priced(of.map((run) => run.costUsd)),
      findings: sum(of, findingsOf),
      caughtFalseCompletions: sum(of, (run) => run.caughtFalseCompletions),
    })),
  }
}

function funnelView(runs: readonly Run[]): View<'funnel'> {
  const firstPass = runs.filter((run) => run.iterations <= 1 && run.routeBacks === 0)
  return {
    view: 'funnel',
    runs: runs.length,
    iterations: sum(runs, (run) => run.iterations),
    routeBacks: sum(runs, (run) => run.routeBacks),
    humanWaitS: sum(runs, (run) => run.humanWaitS),
    gateFires: sum(runs, (run) => run.gateFires),
    findings: {
      critical: sum(runs, (run) => run.findings.critical),
      high: sum(runs, (run) => run.findings.high),
      medium: sum(runs, (run) => run.findings.medium),
      low: sum(runs, (run) => run.findings.low),
    },
    firstPassRate: over(firstPass.length, runs.length),
  }
}

function valueView(runs: readonly Run[]): View<'value'> {
  const groups = grouped(runs, (run) => [run.modelTier, run.kitCondition])
  const rows = groups.map(([[modelTier = '', kitCondition = ''], of]) => {
    const accepted = of.filter((run) => run.accepted).length
    return {
      modelTier,
      kitCondition,
      runs: of.length,
      accepted,
      acceptanceRate: over(accepted, of.length),
      iterationsPerAccepted: over(
        sum(of, (run) => run.iterations),
        accepted,
      ),
      findings: sum(of, findingsOf),
      costPerAccepted: over(priced(of.map((run) => run.costUsd)), accepted),
    }
  })
  const price = (tier: string, kit: string) =>
    rows.find((row) => row.modelTier === tier && row.kitCondition === kit)?.costPerAccepted ?? null
  const ratio = over(price('large', 'bare') || null, price('small', '+kit') ?? 0)
  return { view: 'value', rows, headline: { ratio, verdict: verdictOf(ratio) } }
}

function verdictOf(ratio: number | null): View<'value'>['headline']['verdict'] {
  if (ratio === null) return 'unknown'
  if (ratio >= 1.02) return 'exceeds'
  return ratio >= 0.98 ? 'meets' : 'below'
}

function delegationsView(runs: readonly Run[]): View<'delegations'> {
  const each = runs.flatMap((run) =>
    run.delegations.map(([role, model, outcome]) => ({ run, role, model, outcome })),
  )
  const rows = grouped(each, ({ role, model }) => [role, model]).map(([[role = '', model = ''], of]) => {
    const outcomes = countOutcomes(of)
    const prices = [...new Set(of.map(({ run }) => run))].flatMap((run) =>
      run.byModel.filter(([name]) => name === model).map(([, costUsd]) => costUsd),
    )
    return {
      role,
      model,
      outcomes,
      acceptanceRate: over(outcomes.accepted, of.length - outcomes.unavailable),
      costUsd: priced(prices),
      costBasis: 'model-proxy' as const,
    }
  })
  const { unavailable } = countOutcomes(each)
  return { view: 'delegations', rows, coverage: { measurable: each.length - unavailable, unavailable } }
}

function countOutcomes(of: readonly { outcome: Outcome }[]): Record<Outcome, number> {
  const counts = { accepted: 0, rework: 0, diverged: 0, failed: 0, unavailable: 0 }
  for (const { outcome } of of) counts[outcome] += 1
  return counts
}

/** Items by key, in order of their keys. */
function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => readonly string[],
): [key: readonly string[], items: Item[]][] {
  const groups = new Map<string, [readonly string[], Item[]]>()
  for (const item of items) {
    const key = keyOf(item)
    const name = key.join('\n')
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [key, [item]])
    else group[1].push(item)
  }
  return [...groups].sort(([a], [b]) => compareText(a, b)).map(([, group]) => group)
}

function findingsOf({ findings }: Run): number {
  return findings.critical + findings.high + findings.medium + findings.low
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

/** The sum of the prices there are; null when there is none. */
function priced(prices: readonly (number | null)[]): number | null {
  const known = prices.filter((price) => price !== null)
  return known.length === 0 ? null : sum(known, (price) => price)
}

/** A rate; null over nothing. */
function over(part: number | null, whole: number): number | null {
  return part === null || whole === 0 ? null : part / whole
}
