import type { Marker, TelemetryAnswer, TelemetryQuery } from '@quarterdeck/sdk/contract/telemetry-query'
import { fault } from '@quarterdeck/sdk/errors'
import { z } from 'zod'
import { readCursor, writeCursor } from '../../core/cursor.ts'
import type { Filter, Grouping, Log, Stored } from '../../ports/log.ts'
import type { LoadedDescriptors } from './descriptors.ts'
import { type Facet, facetsOf } from './facets.ts'
import { flowTotal, flowTotals, readFlow } from './flows.ts'
import { aggregatesOf, inTime, matching, patience } from './matching.ts'
import { toolsGrouping, toolsOf } from './tools.ts'
import { usageBy } from './usage.ts'
import { type Window, windowOf } from './window.ts'

const Cursor = z.object({
  head: z.number().int().nonnegative(),
  from: z.number().int(),
  to: z.number().int(),
  sort: z.enum(['asc', 'desc']),
  occurredAt: z.number(),
  position: z.number().int(),
})

/** Totals, facets, flows, tools and one page of records. All parts see the same entries: those up to one head. */
export async function queryTelemetry(
  needs: { readonly log: Log; readonly now: number; readonly descriptors: LoadedDescriptors },
  tenant: string,
  input: TelemetryQuery,
  markers: (window: Window) => Promise<readonly Marker[]>,
): Promise<TelemetryAnswer> {
  const { log, descriptors } = needs
  const facets = facetsOf(descriptors.facets)
  const cursor = input.cursor === undefined ? null : readCursor(Cursor, input.cursor)
  if (cursor !== null && cursor.sort !== input.sort)
    throw fault('invalid', undefined, {
      issues: [{ path: ['cursor'], message: 'was made for another order' }],
    })
  const window = cursor === null ? windowOf(input, needs.now) : { from: cursor.from, to: cursor.to }
  const head = cursor === null ? await log.head(tenant) : cursor.head
  const filter = matching(input, facets, window, head)
  const [summary, page, marked] = await Promise.all([
    summarise(needs, tenant, filter, facets),
    readPage(log, tenant, filter, input, cursor),
    markers(window),
  ])
  const last = page.more ? page.entries.at(-1) : undefined
  return {
    position: head,
    from: new Date(window.from).toISOString(),
    to: new Date(window.to).toISOString(),
    totals: summary.totals,
    facets: summary.facets,
    flows: summary.flows,
    tools: summary.tools,
    records: page.entries.map(showRecord),
    ...(last === undefined
      ? {}
      : {
          nextCursor: writeCursor({
            ...window,
            head,
            sort: input.sort,
            occurredAt: last.occurredAt,
            position: last.position,
          }),
        }),
    markers: [...marked],
    warnings: [
      ...descriptors.shown.dropped.map(({ path, reason }) => `${path}: ${reason}`),
      ...summary.warnings,
    ],
  }
}

async function summarise(
  { log, descriptors }: { readonly log: Log; readonly descriptors: LoadedDescriptors },
  tenant: string,
  filter: Filter,
  facets: readonly Facet[],
) {
  const aggregate = aggregatesOf(log, tenant)
  const groupings: Grouping[] = [
    {
      by: [],
      measures: {
        records: { op: 'count' },
        sessions: { op: 'distinct', attribute: 'session_id' },
        ...flowTotals(descriptors.flows),
      },
    },
    { by: ['event_type'], measures: { count: { op: 'count' } } },
    toolsGrouping,
    ...facets.map(facetGrouping),
  ]
  const [rows, usage] = await Promise.all([aggregate(filter, groupings), usageBy(aggregate, filter, [])])
  const [[totals] = [], byType = [], tools = [], ...facetRows] = rows
  const used = usage[0]?.used
  const flows = await Promise.all(
    descriptors.flows.map((flow, index) =>
      readFlow({ log, tenant, filter, total: flowTotal(totals?.values ?? {}, index) }, flow),
    ),
  )
  return {
    totals: {
      records: totals?.values.records ?? 0,
      sessions: totals?.values.sessions ?? 0,
      byType: Object.fromEntries(byType.map(({ key, values }) => [String(key[0]), values.count ?? 0])),
      usage: {
        inputTokens: used?.inputTokens ?? 0,
        outputTokens: used?.outputTokens ?? 0,
        costUsd: used?.costUsd ?? 0,
        unpriced: used?.unpriced ?? 0,
      },
    },
    facets: facets.map((facet, index) => ({
      id: facet.id,
      label: facet.label,
      values: (facetRows[index] ?? [])
        .filter(({ key }) => key[0] !== null)
        .slice(0, facet.limit)
        .map(({ key, values }) => ({ value: String(key[0]), count: values.count ?? 0 })),
    })),
    tools: toolsOf(tools),
    flows: flows.map(({ flow }) => flow),
    warnings: flows.flatMap(({ warning }) => (warning === undefined ? [] : [warning])),
  }
}

/** One more row than is shown, for the records without the attribute. */
function facetGrouping({ attribute, limit }: Facet): Grouping {
  return { by: [attribute], measures: { count: { op: 'count' } }, top: limit + 1 }
}

async function readPage(
  log: Log,
  tenant: string,
  filter: Filter,
  { sort, limit }: TelemetryQuery,
  behind: { readonly occurredAt: number; readonly position: number } | null,
): Promise<{ entries: readonly Stored[]; more: boolean }> {
  const place =
    behind === null ? {} : { behind: { occurredAt: behind.occurredAt, position: behind.position } }
  const query = { filter, by: 'time', direction: sort, limit: limit + 1, ...place } as const
  const found = await inTime(log.query(tenant, query, patience))
  return { entries: found.slice(0, limit), more: found.length > limit }
}

function showRecord(entry: Stored): TelemetryAnswer['records'][number] {
  return {
    position: entry.position,
    receivedAt: new Date(entry.receivedAt).toISOString(),
    occurredAt: new Date(entry.occurredAt).toISOString(),
    record: JSON.parse(entry.payload) as Record<string, unknown>,
  }
}
