import type { TelemetryAnswer } from '@quarterdeck/sdk/contract/telemetry-query'
import type { Clause, Filter, Grouping, Log, Measure, Stored } from '../../ports/log.ts'
import { attributeOf } from './columns.ts'
import type { FlowDescriptor } from './descriptor.ts'
import { inTime, narrowed, patience } from './matching.ts'

type Flow = TelemetryAnswer['flows'][number]
type Item = Flow['items'][number]

const pageSize = 250
const mostRead = 5_000

/** What is asked of the log to know how many items each flow has: tasks, and sessions of no task. */
export function flowTotals(flows: readonly FlowDescriptor[]): Grouping['measures'] {
  const measures = flows.flatMap((flow, index): [string, Measure][] => {
    const where = clausesOf(flow)
    const untasked: Clause = { attribute: 'task_slug', in: [null] }
    return [
      [`tasks${index}`, { op: 'distinct', attribute: 'task_slug', where }],
      [`sessions${index}`, { op: 'distinct', attribute: 'session_id', where: [...where, untasked] }],
    ]
  })
  return Object.fromEntries(measures)
}

/** How many items a flow has, from the values measured. */
export function flowTotal(values: Readonly<Record<string, number | null>>, index: number): number {
  return (values[`tasks${index}`] ?? 0) + (values[`sessions${index}`] ?? 0)
}

/** The newest items of a flow: one per task, else per session. Reads only as far back as it must, and not without end. */
export async function readFlow(
  needs: { readonly log: Log; readonly tenant: string; readonly filter: Filter; readonly total: number },
  flow: FlowDescriptor,
): Promise<{ flow: Flow; warning?: string }> {
  const { log, tenant, total } = needs
  const filter = narrowed(needs.filter, ...clausesOf(flow))
  const wanted = Math.min(flow.limit, total)
  const items = new Map<string, Item>()
  let behind: { occurredAt: number; position: number } | undefined
  let read = 0
  while (items.size < wanted && read < mostRead) {
    const page = await inTime(
      log.query(
        tenant,
        { filter, by: 'time', direction: 'desc', limit: pageSize, ...(behind ? { behind } : {}) },
        patience,
      ),
    )
    for (const entry of page) {
      const slug = String(entry.attributes.task_slug ?? entry.attributes.session_id)
      if (items.size < wanted && !items.has(slug)) items.set(slug, itemOf(flow, slug, entry))
    }
    read += page.length
    behind = page.at(-1)
    if (page.length < pageSize) break
  }
  const shown = { id: flow.id, label: flow.label ?? flow.id, total, items: [...items.values()] }
  if (items.size >= wanted) return { flow: shown }
  return { flow: shown, warning: `flow ${flow.id}: only the newest ${read} of its records were read` }
}

function clausesOf({ match }: FlowDescriptor): Clause[] {
  const attribute = attributeOf(match.attribute)
  if (match.equals !== undefined) return [{ attribute, in: [match.equals] }]
  return [{ attribute, includes: match.includes ?? '' }]
}

function itemOf(flow: FlowDescriptor, slug: string, { attributes, occurredAt }: Stored): Item {
  const value = (path: string) => attributes[attributeOf(path)] ?? null
  const title = flow.titleAttribute === undefined ? null : value(flow.titleAttribute)
  const status = attributes.status ?? attributes.outcome ?? null
  const details = Object.entries(flow.detailAttributes ?? {}).map(([label, path]) => [label, value(path)])
  return {
    slug,
    title: title === null ? slug : String(title),
    status: status === null ? null : String(status),
    updatedAt: new Date(occurredAt).toISOString(),
    details: Object.fromEntries(details.filter(([, one]) => one !== null)),
  }
}
