import type { measures } from '@quarterdeck/sdk/contract/telemetry-query'
import type { AggregateRow, Dimension, Filter, Measure } from '../../ports/log.ts'
import type { Aggregate } from './matching.ts'
import { failureRate } from './tools.ts'
import { type Used, usageBy } from './usage.ts'

export type MeasureName = (typeof measures)[number]

/** One measured value, and how many records it is made of. Null: there is none. */
export interface Measured {
  readonly key: AggregateRow['key']
  readonly value: number | null
  readonly samples: number
}

type Values = AggregateRow['values']
type Asked = { ask: Readonly<Record<string, Measure>>; read: (values: Values) => Omit<Measured, 'key'> }

const outcome = (value: string): Measure => ({ op: 'count', where: [{ attribute: 'outcome', in: [value] }] })

const percentile = (p: number): Asked => ({
  ask: {
    value: { op: 'percentile', attribute: 'duration_ms', p },
    samples: { op: 'present', attribute: 'duration_ms' },
  },
  read: ({ value, samples }) => ({ value: value ?? null, samples: samples ?? 0 }),
})

const counted: Readonly<Partial<Record<MeasureName, Asked>>> = {
  records: {
    ask: { count: { op: 'count' } },
    read: ({ count }) => ({ value: count ?? 0, samples: count ?? 0 }),
  },
  sessions: {
    ask: { sessions: { op: 'distinct', attribute: 'session_id' }, count: { op: 'count' } },
    read: ({ sessions, count }) => ({ value: sessions ?? 0, samples: count ?? 0 }),
  },
  failureRate: {
    ask: { fail: outcome('fail'), pass: outcome('pass') },
    read: ({ pass, fail }) => ({
      value: failureRate(pass ?? 0, fail ?? 0),
      samples: (pass ?? 0) + (fail ?? 0),
    }),
  },
  durationP50: percentile(0.5),
  durationP95: percentile(0.95),
}

const usedValue = {
  inputTokens: (used: Used) => used.inputTokens,
  outputTokens: (used: Used) => used.outputTokens,
  costUsd: (used: Used) => used.costUsd,
}

/** A measure of what matches, group by group. */
export async function measureBy(
  aggregate: Aggregate,
  filter: Filter,
  measure: MeasureName,
  by: readonly Dimension[],
): Promise<Measured[]> {
  const asked = counted[measure]
  if (asked !== undefined) {
    const [rows = []] = await aggregate(filter, [{ by, measures: asked.ask }])
    return rows.map(({ key, values }) => ({ key, ...asked.read(values) }))
  }
  const value = usedValue[measure as keyof typeof usedValue]
  const groups = await usageBy(aggregate, filter, by)
  return groups.map(({ key, used }) => ({ key, value: value(used), samples: used.samples }))
}

/** What a measure is where there is no record at all. */
export function emptyValue(measure: MeasureName): number | null {
  return measure === 'records' || measure === 'sessions' || measure.endsWith('Tokens') ? 0 : null
}
