import { z } from 'zod'
import { feed, operation } from '../operation.ts'
import { EconomicsAnswer } from './economics.ts'
import { At, Limit, page } from './paging.ts'
import { AppendAnswer, arrays, Id, Tier } from './record.ts'
import { OperatingState, RecordSummary, StateObject } from './state.ts'

const read = { permission: 'records:read', effect: 'read' } as const

/** One stored record with what the platform stamped on it. */
export const StoredRecord = z.object({
  position: z.number().int(),
  receivedAt: z.string(),
  tier: Tier,
  record: z.record(z.string(), z.unknown()),
})

export const records = {
  append: operation({
    name: 'records.append',
    summary: 'Say what happened: one record, an array, or NDJSON',
    route: 'POST /records',
    input: z.unknown(),
    output: AppendAnswer,
    errors: ['tenant_mismatch', 'producer_not_allowed', 'record_conflict', 'secret_in_id'],
    permission: 'records:write',
    effect: 'write',
    source: 'body',
    accepts: ['application/json', 'application/x-ndjson'],
    maxBody: 4_194_304,
    limit: 'ingest',
    journaled: 'refusals',
  }),
  state: operation({
    ...read,
    name: 'records.state',
    summary: 'What is, or what was at a position or an instant',
    route: 'GET /state',
    input: z.object({ at: At.optional() }),
    output: OperatingState,
    errors: ['position_ahead', 'state_unavailable'],
  }),
  objects: operation({
    ...read,
    name: 'records.objects',
    summary: 'The objects of one array, all pages of them',
    route: 'GET /state/:kind',
    input: z.object({
      kind: z.enum(arrays),
      status: z.string().optional(),
      at: At.optional(),
      cursor: z.string().optional(),
      limit: Limit,
    }),
    output: page(StateObject),
    errors: ['position_ahead', 'state_unavailable'],
  }),
  object: operation({
    ...read,
    name: 'records.object',
    summary: 'One object with its newest 100 events',
    route: 'GET /state/:kind/:product/:id',
    input: z.object({ kind: z.enum(arrays), product: Id, id: Id, at: At.optional() }),
    output: z.object({ object: StateObject, events: z.array(StoredRecord) }),
    errors: ['position_ahead', 'state_unavailable', 'not_found'],
  }),
  list: operation({
    ...read,
    name: 'records.list',
    summary: 'Stored records in order of position',
    route: 'GET /records',
    input: z.object({
      after: z.coerce.number().int().nonnegative().optional(),
      type: z.string().optional(),
      correlation: z.string().optional(),
      /** product/kind/id, each part percent-encoded. */
      subject: z.string().optional(),
      cursor: z.string().optional(),
      limit: Limit,
    }),
    output: page(StoredRecord),
  }),
  get: operation({
    ...read,
    name: 'records.get',
    summary: 'One stored record by its id',
    route: 'GET /records/:id',
    input: z.object({ id: z.string() }),
    output: StoredRecord,
    errors: ['not_found'],
  }),
  producers: operation({
    ...read,
    name: 'records.producers',
    summary: 'Who was heard, what is missing between, what was refused',
    route: 'GET /producers',
    input: z.object({ cursor: z.string().optional(), limit: Limit }),
    output: page(
      z.object({
        product: z.string(),
        id: z.string(),
        lastSeen: z.string(),
        counts: z.record(z.string(), z.number()),
        gaps: z.array(z.object({ from: z.number(), to: z.number() })),
        refusals: z.array(z.object({ at: z.string(), code: z.string(), path: z.string() })),
      }),
    ),
  }),
  economics: operation({
    ...read,
    name: 'records.economics',
    summary: 'What runs cost beside what they found',
    route: 'GET /economics',
    input: z.object({
      view: z.enum(['cost', 'funnel', 'value', 'delegations']),
      from: z.iso.datetime({ offset: true }).optional(),
      to: z.iso.datetime({ offset: true }).optional(),
    }),
    output: EconomicsAnswer,
  }),
}

export const recordFeeds = {
  state: feed({
    topic: 'state',
    summary: 'The operating state and what changes in it',
    permission: 'records:read',
    snapshot: z.object({ state: OperatingState }),
    delta: z.object({
      changes: z.array(
        z.object({
          kind: z.enum(arrays),
          product: z.string(),
          id: z.string(),
          object: StateObject.nullable(),
        }),
      ),
    }),
  }),
  records: feed({
    topic: 'records',
    summary: 'Each record as it is stored',
    permission: 'records:read',
    snapshot: z.object({ items: z.array(RecordSummary) }),
    delta: z.object({ items: z.array(RecordSummary) }),
  }),
}
