import type { AggregateRow, Clause, Dimension, Filter, Measure } from '../../ports/log.ts'
import { type Aggregate, narrowed } from './matching.ts'

const reported: readonly Clause[] = [{ attribute: 'event_type', in: ['session.usage'] }]
/** Spans of single calls to a model. Spans around them repeat what these used. */
const called: readonly Clause[] = [
  { attribute: 'event_type', in: ['otel.span'] },
  {
    attribute: 'attributes.gen_ai.operation.name',
    in: ['chat', 'text_completion', 'generate_content', 'embeddings'],
  },
]

/** What was used, in one group of records. `unpriced` are records that use something and name no price. */
export interface Used {
  inputTokens: number
  outputTokens: number
  /** Null where nothing had a price. */
  costUsd: number | null
  unpriced: number
  /** Records the sums are made of. */
  samples: number
}

/**
 * What was used, group by group: what sessions report of themselves and, in sessions that report nothing, what their model
 * calls used. Usage named elsewhere repeats one of the two.
 */
export async function usageBy(
  aggregate: Aggregate,
  filter: Filter,
  by: readonly Dimension[],
): Promise<{ key: AggregateRow['key']; used: Used }[]> {
  const measures = { ...sums('reported', reported), ...sums('called', called) }
  const [rows = []] = await aggregate(filter, [{ by, measures }])
  const reports = rows.map((row) => usedBy(row, 'reported'))
  const calls = rows.map((row) => usedBy(row, 'called'))
  const some = (counted: readonly Counted[]) => counted.some(({ count }) => count > 0)
  if (!some(reports) || !some(calls))
    return rows.map(({ key }, at) => ({ key, used: added(reports[at] ?? nothing, calls[at] ?? nothing) }))
  const telling = new Set(await sessionsOf(aggregate, narrowed(filter, ...reported)))
  const calling = await sessionsOf(aggregate, narrowed(filter, ...called))
  const silent = calling.filter((session) => !telling.has(session))
  const ofSilent = narrowed(filter, ...called, { attribute: 'session_id', in: silent })
  const [counted = []] =
    silent.length === 0 ? [] : await aggregate(ofSilent, [{ by, measures: sums('called', called) }])
  const counts = new Map(counted.map((row) => [JSON.stringify(row.key), usedBy(row, 'called')]))
  return rows.map(({ key }, at) => ({
    key,
    used: added(reports[at] ?? nothing, counts.get(JSON.stringify(key)) ?? nothing),
  }))
}

/** The sessions of what matches. */
async function sessionsOf(aggregate: Aggregate, filter: Filter): Promise<string[]> {
  const [rows = []] = await aggregate(filter, [{ by: ['session_id'], measures: { count: { op: 'count' } } }])
  return rows.map(({ key }) => String(key[0]))
}

function sums(name: string, where: readonly Clause[]): Record<string, Measure> {
  return {
    [`${name}Input`]: { op: 'sum', attribute: 'input_tokens', where },
    [`${name}Output`]: { op: 'sum', attribute: 'output_tokens', where },
    [`${name}Cost`]: { op: 'sum', attribute: 'cost_usd', where },
    [`${name}Priced`]: { op: 'present', attribute: 'cost_usd', where },
    [`${name}Count`]: { op: 'count', where },
  }
}

interface Counted {
  input: number
  output: number
  cost: number
  priced: number
  count: number
}

function usedBy({ values }: AggregateRow, name: string): Counted {
  return {
    input: values[`${name}Input`] ?? 0,
    output: values[`${name}Output`] ?? 0,
    cost: values[`${name}Cost`] ?? 0,
    priced: values[`${name}Priced`] ?? 0,
    count: values[`${name}Count`] ?? 0,
  }
}

const nothing: Counted = { input: 0, output: 0, cost: 0, priced: 0, count: 0 }

function added(a: Counted, b: Counted): Used {
  const priced = a.priced + b.priced
  const samples = a.count + b.count
  return {
    inputTokens: a.input + b.input,
    outputTokens: a.output + b.output,
    costUsd: priced === 0 ? null : a.cost + b.cost,
    unpriced: samples - priced,
    samples,
  }
}
