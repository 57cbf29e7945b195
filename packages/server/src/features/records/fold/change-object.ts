import type { EventRecord, Link, Ref } from '@quarterdeck/sdk/contract/record'
import type { EventRule } from './event-rules.ts'
import type { FoldEntry } from './fold-entry.ts'
import { type ObjectTable, settleStatus } from './object-table.ts'
import { isLink, isRef, linkKey, refKey } from './ref-key.ts'
import { isFinished, statusField } from './statuses.ts'
import type { Fields, Tracked } from './tracked.ts'

/** What one event brings to one object. */
export interface Change {
  readonly entry: FoldEntry
  readonly record: EventRecord
  readonly occurredAt: number
  readonly rule: EventRule
  readonly fields: Readonly<Fields>
  /** Fields it gives only where the object has nothing yet. */
  readonly defaults?: Readonly<Fields> | null
  readonly refs?: readonly Ref[] | undefined
  readonly links?: readonly Link[] | undefined
  readonly moreLinks?: readonly Link[] | undefined
  readonly reason?: string | undefined
}

/** Fields that are the platform's own word about an object, never a record's. */
const reserved: ReadonlySet<string> = new Set(['product', 'id', 'provenance'])

/** Lets one event change one object: in full, or only where the object has nothing yet when the event is late. */
export function changeObject(table: ObjectTable, object: Tracked, change: Change): void {
  const { entry, record } = change
  const late = isLate(object, record, change.occurredAt)
  const field = statusField(object.array)
  for (const key in change.fields) {
    if (key === field || reserved.has(key)) continue
    const value = change.fields[key]
    if (key === 'refs' && addRefs(object, value)) continue
    if (key === 'links' && addLinks(object, value)) continue
    if (late) fillField(object, key, value)
    else setField(object, key, value)
  }
  for (const key in change.defaults) fillField(object, key, change.defaults[key])
  addRefs(object, change.refs)
  addLinks(object, change.links)
  addLinks(object, change.moreLinks)
  if (entry.receivedAt > object.heardAt) object.heardAt = entry.receivedAt
  if (late) return
  object.touched = entry.position
  object.occurredAt = change.occurredAt
  object.sequence = record.sequence ?? -1
  object.producer = record.producer
  object.tier = entry.tier
  changeStatus(table, object, change, field)
}

/** Whether the object already took something newer. Equal is not late. */
function isLate(object: Tracked, record: EventRecord, occurredAt: number): boolean {
  const last = object.producer
  if (last === null) return false
  const { producer, sequence } = record
  if (
    sequence !== undefined &&
    object.sequence >= 0 &&
    last.id === producer.id &&
    last.product === producer.product &&
    last.runId === producer.runId
  )
    return sequence < object.sequence
  return occurredAt < object.occurredAt
}

function changeStatus(table: ObjectTable, object: Tracked, change: Change, field: string): void {
  const { rule, reason } = change
  const named = change.fields[field]
  const next = rule.keepsStatus ? undefined : typeof named === 'string' ? named : rule.status
  if (next === undefined) {
    if (typeof reason === 'string') object.reason = reason
    settleStatus(table, object, change.occurredAt)
    return
  }
  // A process that is over stays over until something starts or resumes it.
  const over = object.array === 'processes' && isFinished('processes', object.status)
  if (over && !rule.reopens && !isFinished('processes', next)) return
  object.fields[field] = next
  override(object, field)
  object.reason = typeof reason === 'string' ? reason : null
  settleStatus(table, object, change.occurredAt)
}

function setField(object: Tracked, key: string, value: unknown): void {
  override(object, key)
  if (value === null) {
    delete object.fields[key]
    object.removed ??= new Set()
    object.removed.add(key)
    return
  }
  object.fields[key] = value
  object.removed?.delete(key)
}

function fillField(object: Tracked, key: string, value: unknown): void {
  if (value === null || Object.hasOwn(object.fields, key) || object.removed?.has(key)) return
  for (const view of object.views ?? [])
    if (Object.hasOwn(view.fields, key) && !view.overridden?.has(key)) return
  object.fields[key] = value
}

/** From now on slots that spoke before have no say in this field. */
function override(object: Tracked, key: string): void {
  if (object.views === null) return
  for (const view of object.views) {
    view.overridden ??= new Set()
    view.overridden.add(key)
  }
}

/** Adds refs to the set an object has. False when these are no refs. */
function addRefs(object: Tracked, refs: unknown): boolean {
  if (!Array.isArray(refs) || !refs.every(isRef)) return false
  if (refs.length > 0) object.refs ??= new Map()
  for (const ref of refs) object.refs?.set(refKey(ref), ref)
  return true
}

/** Adds links to the set an object has. False when these are no links. */
function addLinks(object: Tracked, links: unknown): boolean {
  if (!Array.isArray(links) || !links.every(isLink)) return false
  if (links.length > 0) object.links ??= new Map()
  for (const link of links) object.links?.set(linkKey(link), link)
  return true
}
