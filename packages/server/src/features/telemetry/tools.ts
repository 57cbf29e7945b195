import type { TelemetryAnswer } from '@quarterdeck/sdk/contract/telemetry-query'
import type { AggregateRow, Grouping, Measure } from '../../ports/log.ts'

const shown = 100

const outcome = (value: string): Measure => ({ op: 'count', where: [{ attribute: 'outcome', in: [value] }] })

/** What is asked of the log about tools: the most used first. */
export const toolsGrouping: Grouping = {
  by: ['tool'],
  measures: {
    count: { op: 'count' },
    pass: outcome('pass'),
    fail: outcome('fail'),
    ambiguous: outcome('ambiguous'),
    p50: { op: 'percentile', attribute: 'duration_ms', p: 0.5 },
    p95: { op: 'percentile', attribute: 'duration_ms', p: 0.95 },
  },
  // One more, for the records without a tool.
  top: shown + 1,
}

/** The tools of an answer. */
export function toolsOf(rows: readonly AggregateRow[]): TelemetryAnswer['tools'] {
  return rows
    .filter(({ key }) => key[0] !== null)
    .slice(0, shown)
    .map(({ key, values }) => ({
      tool: String(key[0]),
      count: values.count ?? 0,
      pass: values.pass ?? 0,
      fail: values.fail ?? 0,
      ambiguous: values.ambiguous ?? 0,
      failureRate: failureRate(values.pass ?? 0, values.fail ?? 0),
      p50Ms: values.p50 ?? null,
      p95Ms: values.p95 ?? null,
    }))
}

/** Failures among what ended one way or the other; null over nothing. */
export function failureRate(pass: number, fail: number): number | null {
  return pass + fail === 0 ? null : fail / (pass + fail)
}
