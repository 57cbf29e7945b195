import type { EventRecord } from '@quarterdeck/sdk/contract/record'
import { noteEvent } from './as-of.ts'
import { type Change, changeObject } from './change-object.ts'
import { gatesOf } from './covered-gates.ts'
import { type EventRule, ruleOf } from './event-rules.ts'
import type { FoldEntry, Touched } from './fold-entry.ts'
import { instantOf } from './instant-of.ts'
import { learningFields } from './learning-fields.ts'
import { findObject, obtainObject } from './object-table.ts'
import type { RecordsState } from './records-state.ts'
import { joinTimeline } from './timeline.ts'
import type { Fields } from './tracked.ts'

const nothing: readonly Touched[] = []
const offered: EventRule = { array: 'actions', status: 'available' }

/** Applies one event; answers the objects it touched. */
export function applyEvent(state: RecordsState, entry: FoldEntry, record: EventRecord): readonly Touched[] {
  const occurredAt = instantOf(record.occurredAt, entry.receivedAt)
  noteEvent(state.asOf, record.id, entry.position, occurredAt)
  joinTimeline(state.timeline, entry, record, occurredAt)
  const rule = ruleOf(record.type)
  if (rule === null) return nothing
  const fields = fieldsOf(rule, record)
  if (fields === null) return nothing
  const { subject, payload } = record
  const product = subject.product
  const id = rule.array === 'pipelines' ? runOf(record, fields) : subject.id
  const table = state.tables[rule.array]
  if (rule.array === 'decisions' && findObject(table, product, id)) return nothing
  const object = obtainObject(table, product, id)
  const change: Change = {
    entry,
    record,
    occurredAt,
    rule,
    fields,
    defaults: defaultsOf(rule, record),
    refs: payload.refs,
    links: payload.links,
    moreLinks: record.links,
    reason: payload.reason,
  }
  changeObject(table, object, change)
  const touched: Touched[] = [{ kind: rule.array, product, id }]
  if (rule.array === 'exceptions')
    for (const gate of gatesOf(state.tables, object))
      touched.push({ kind: 'gates', product: gate.product, id: gate.id })
  if (rule.decides) recordDecision(state, change, touched)
  if (Array.isArray(payload.actions)) offerActions(state, change, payload.actions, touched)
  return touched
}

/** The fields an event sets; null when it lacks what its array cannot do without. */
function fieldsOf(rule: EventRule, record: EventRecord): Fields | null {
  const { payload } = record
  const after: Fields = payload.after ?? {}
  switch (rule.array) {
    case 'learnings':
      return learningFields(payload)
    case 'pipelines':
      return payload.after ?? (isFields(payload.data) ? payload.data : after)
    default:
      return after
  }
}

/** What an object of this array cannot do without, where no record said it. */
function defaultsOf(rule: EventRule, record: EventRecord): Fields | null {
  const { producer, subject } = record
  switch (rule.array) {
    case 'decisions':
      return { kind: 'decision', decidedAt: record.occurredAt }
    case 'evidence':
      return { producerRef: { product: producer.product, kind: 'producer', id: producer.id } }
    case 'actions':
      return { kind: 'action', authority: producer.product }
    case 'reviewItems':
      return { kind: subject.kind }
    default:
      return null
  }
}

/** A pipeline is that of a run: the producer's, else the subject itself. */
function runOf(record: EventRecord, fields: Fields): string {
  if (typeof fields.runId === 'string') return fields.runId
  return record.producer.runId ?? record.subject.id
}

/** A verdict on a review or a dispute is a decision too, named by the event that brought it. */
function recordDecision(state: RecordsState, change: Change, touched: Touched[]): void {
  const { record } = change
  const table = state.tables.decisions
  const { product } = record.subject
  if (findObject(table, product, record.id)) return
  const { product: _, ...subject } = record.subject
  const fields: Fields = {
    kind: record.type,
    decidedAt: record.occurredAt,
    subjectRef: { product, ...subject },
    ...(record.actor === undefined ? {} : { decidedBy: record.actor }),
    ...(typeof record.payload.summary === 'string' ? { summary: record.payload.summary } : {}),
  }
  const decided: Change = { ...change, rule: { array: 'decisions' }, fields, defaults: null }
  changeObject(table, obtainObject(table, product, record.id), decided)
  touched.push({ kind: 'decisions', product, id: record.id })
}

/** Actions are offers to a person: whatever the record says, nothing here runs them. */
function offerActions(
  state: RecordsState,
  change: Change,
  actions: readonly Fields[],
  touched: Touched[],
): void {
  const { subject, producer } = change.record
  const table = state.tables.actions
  for (const action of actions) {
    const { id, product: named, ...rest } = action
    if (typeof id !== 'string') continue
    const product = typeof named === 'string' ? named : subject.product
    const known = findObject(table, product, id)
    const defaults = {
      kind: 'action',
      authority: producer.product,
      subjectRef: { product: subject.product, kind: subject.kind, id: subject.id },
    }
    const isNew = known === undefined || known.status === null
    changeObject(table, known ?? obtainObject(table, product, id), {
      entry: change.entry,
      record: change.record,
      occurredAt: change.occurredAt,
      rule: isNew ? offered : { array: 'actions' },
      fields: rest,
      defaults,
    })
    touched.push({ kind: 'actions', product, id })
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
