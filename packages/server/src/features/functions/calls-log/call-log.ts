import type { CallItem, CallWindow } from '@quarterdeck/sdk/contract/functions'
import { z } from 'zod'
import { readCursor, writeCursor } from '../../../core/cursor.ts'
import type { AggregateRow, Clause, Filter, Grouping, Query, Stored } from '../../../ports/log.ts'
import type { CallRecord } from '../runner.ts'
import { createCallBatch } from './call-batch.ts'
import { callItem, callNote, callType } from './call-note.ts'

export type Window = z.infer<typeof CallWindow>

/** How a function did: calls a second, ms, and the share of calls that failed; a refused call is none of these. */
export interface Rates {
  readonly calls: number
  readonly rate: number
  readonly p50: number | null
  readonly p95: number | null
  readonly errorShare: number | null
}

export const noRates: Rates = { calls: 0, rate: 0, p50: null, p95: null, errorShare: null }

/** Takes calls as they end, and knows how functions did. */
export interface CallLog {
  /** Takes a call; it can be read within about a second. Never throws. */
  note(call: CallRecord): void
  /** By function; of one alone if named. */
  rates(tenant: string, window: Window, fn?: string): Promise<ReadonlyMap<string, Rates>>
  /** The newest first, as of the first page. */
  calls(
    tenant: string,
    fn: string,
    page: { readonly window: Window; readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<{ items: z.infer<typeof CallItem>[]; nextCursor?: string }>
  /** Writes what waits. */
  stop(): Promise<void>
}

/** What the call log asks of telemetry. */
export interface CallStore {
  append(tenant: string, notes: readonly ReturnType<typeof callNote>[]): Promise<void>
  query(tenant: string, query: Query): Promise<readonly Stored[]>
  aggregate(
    tenant: string,
    filter: Filter,
    groupings: readonly Grouping[],
  ): Promise<readonly (readonly AggregateRow[])[]>
}

const lengths: Readonly<Record<Window, number>> = { '15m': 900_000, '24h': 86_400_000, '7d': 604_800_000 }

const Cursor = z.object({
  fn: z.string(),
  from: z.number().int(),
  occurredAt: z.number(),
  position: z.number().int(),
})

const failing: Clause = {
  attribute: 'function.outcome',
  in: ['failed', 'conflict', 'timeout', 'overloaded'] satisfies CallRecord['outcome'][],
}

/** How many calls a record stands for. */
const stands = 'function.calls'

const byFunction: Grouping = {
  by: ['function.name'],
  measures: {
    calls: { op: 'sum', attribute: stands },
    failed: { op: 'sum', attribute: stands, where: [failing] },
    p50: { op: 'percentile', attribute: 'duration_ms', p: 0.5 },
    p95: { op: 'percentile', attribute: 'duration_ms', p: 0.95 },
  },
}

/** Makes the log of calls over the telemetry of their tenants. */
export function createCallLog(needs: {
  readonly telemetry: CallStore
  /** Unix ms. */
  readonly now: () => number
  readonly randomId: () => string
  /** 0 to 1. */
  readonly random: () => number
  readonly later: (ms: number, run: () => void) => void
  /** Calls that were let go, as the log did not take them. */
  readonly dropped?: (count: number) => void
}): CallLog {
  const { telemetry, now } = needs
  const batch = createCallBatch({
    ...needs,
    write: (tenant, calls) =>
      telemetry.append(
        tenant,
        calls.map((one) => callNote(one)),
      ),
  })

  const callsOf = (fn: string | undefined): Clause[] => [
    { attribute: 'event_type', in: [callType] },
    ...(fn === undefined ? [] : [{ attribute: 'function.name', in: [fn] }]),
  ]

  return {
    note: batch.add,
    async rates(tenant, window, fn) {
      await batch.flush()
      const to = now() + 1
      const filter = { from: to - lengths[window], to, where: callsOf(fn) }
      const [rows = []] = await telemetry.aggregate(tenant, filter, [byFunction])
      return new Map(
        rows.map(({ key, values }) => [String(key[0]), ratesOf(values, lengths[window])] as const),
      )
    },
    async calls(tenant, fn, { window, cursor, limit }) {
      await batch.flush()
      const to = now() + 1
      const after = cursor === undefined ? null : readCursor(Cursor.extend({ fn: z.literal(fn) }), cursor)
      const from = after?.from ?? to - lengths[window]
      const found = await telemetry.query(tenant, {
        filter: { from, to, where: callsOf(fn) },
        by: 'time',
        direction: 'desc',
        limit: limit + 1,
        ...(after === null ? {} : { behind: { occurredAt: after.occurredAt, position: after.position } }),
      })
      const shown = found.slice(0, limit)
      const last = found.length > limit ? shown.at(-1) : undefined
      return {
        items: shown.map(({ payload }) => callItem(payload)),
        ...(last === undefined
          ? {}
          : {
              nextCursor: writeCursor({ fn, from, occurredAt: last.occurredAt, position: last.position }),
            }),
      }
    },
    stop: batch.flush,
  }
}

function ratesOf({ calls, failed, p50, p95 }: AggregateRow['values'], windowMs: number): Rates {
  const count = calls ?? 0
  if (count === 0) return noRates
  return {
    calls: count,
    rate: count / (windowMs / 1_000),
    p50: p50 ?? null,
    p95: p95 ?? null,
    errorShare: (failed ?? 0) / count,
  }
}
