import { z } from 'zod'
import { ManifestFunction, ManifestTable } from '../functions/manifest.ts'
import { feed, operation } from '../operation.ts'
import { At, Limit, page } from './paging.ts'

const read = { permission: 'functions:read', effect: 'read' } as const
const tables = { permission: 'functions:tables', effect: 'read' } as const
const transaction = { permission: 'functions:self', effect: 'write', journaled: 'refusals' } as const

const Name = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/)
const TableName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/)
const RowId = z.string().min(1).max(128)
const Session = z.object({ sid: z.string().min(1).max(128) })
export const CallWindow = z.enum(['15m', '24h', '7d'])

/** A function with how it did: calls a second, milliseconds, and the share of calls that failed; null without calls. */
export const FunctionItem = ManifestFunction.extend({
  /** Why the module could not be loaded; null when it is fine or was not needed yet. */
  broken: z.string().nullable(),
  calls: z.number().int(),
  rate: z.number(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  errorShare: z.number().nullable(),
})

/** One call, without its arguments. */
export const CallItem = z.object({
  at: z.string(),
  ms: z.number(),
  outcome: z.enum(['ok', 'refused', 'failed', 'conflict', 'timeout', 'overloaded']),
  code: z.string().optional(),
  principal: z.string(),
  /** The number of its commit. */
  number: z.number().int().optional(),
  traceId: z.string().optional(),
})

const Document = z.record(z.string(), z.unknown())

/** A row as it is shown: masks of the group `operators` hold. */
export const RowItem = z.object({
  id: z.string(),
  owner: z.string(),
  number: z.number().int(),
  order: z.number().int(),
  data: Document,
})

/** When and by whom something was committed; null where that is not kept any more. */
const Committed = z.object({
  at: z.string().nullable(),
  principal: z.string().nullable(),
  function: z.string().nullable(),
})

export const VersionItem = Committed.extend({
  /** The commit that wrote it, and the one that ended it. */
  number: z.number().int(),
  endedBy: z.number().int().nullable(),
  /** The end of one that was deleted; null of every other. */
  deleted: Committed.nullable(),
  owner: z.string(),
  data: Document,
})

export const TableItem = ManifestTable.extend({
  /** What it permits now, an operator's restriction included. */
  permitted: z.number().int().min(0).max(7),
})

export const functions = {
  call: operation({
    name: 'functions.call',
    summary: 'Call a function of the app: the body is the list of its arguments, or the one',
    route: 'POST /rpc/:fn',
    input: z.object({ fn: z.string().max(64), args: z.array(z.unknown()) }),
    output: z.object({ result: z.unknown().optional() }),
    errors: [
      'forbidden',
      'field_forbidden',
      'not_found',
      'write_conflict',
      'unique_violation',
      'session_busy',
      'history_gone',
      'document_invalid',
      'index_required',
      'transaction_too_large',
      'result_invalid',
      'document_shape',
      'overloaded',
      'not_migrated',
      'outcome_unknown',
      'idempotency_mismatch',
      'idempotency_in_progress',
    ],
    permission: 'public',
    effect: 'write',
    // Whether it writes is the function's to say: the kill switch holds the writing ones, after it was found.
    always: true,
    source: 'arguments',
    repeats: 'own',
    timeoutMs: 310_000,
    journaled: 'refusals',
  }),
  list: operation({
    ...read,
    name: 'functions.list',
    summary: 'The functions of the app, and how they did in the window',
    route: 'GET /functions',
    input: z.object({ window: CallWindow.default('15m') }),
    output: z.object({
      items: z.array(FunctionItem),
      /** Of the app that runs; null without one. */
      digest: z.string().nullable(),
      failed: z.array(z.object({ file: z.string(), message: z.string() })),
    }),
  }),
  get: operation({
    ...read,
    name: 'functions.get',
    summary: 'One function',
    route: 'GET /functions/:fn',
    input: z.object({ fn: Name, window: CallWindow.default('15m') }),
    output: FunctionItem,
    errors: ['not_found'],
  }),
  calls: operation({
    ...read,
    name: 'functions.calls',
    summary: 'The newest calls of a function',
    route: 'GET /functions/:fn/calls',
    input: z.object({
      fn: Name,
      window: CallWindow.default('15m'),
      cursor: z.string().max(512).optional(),
      limit: Limit,
    }),
    output: page(CallItem),
    errors: ['not_found'],
  }),
  run: operation({
    name: 'functions.run',
    summary: 'Run a function by hand; one that executes (bit 1) needs a proof',
    route: 'POST /functions/:fn/run',
    input: z.object({ fn: Name, args: z.array(z.unknown()).default([]), asOf: At.optional() }),
    output: z.object({ result: z.unknown().optional(), number: z.number().int().optional(), ms: z.number() }),
    errors: ['not_found', 'write_conflict', 'history_gone', 'overloaded', 'not_migrated'],
    permission: 'functions:run',
    effect: 'write',
    proof: { word: null, perCall: true },
    timeoutMs: 310_000,
    repeats: 'own',
  }),
  tables: operation({
    ...tables,
    name: 'functions.tables',
    summary: 'The tables of the app',
    route: 'GET /tables',
    input: z.object({}),
    output: z.object({ items: z.array(TableItem), last: z.number().int() }),
  }),
  rows: operation({
    ...tables,
    name: 'functions.rows',
    summary: 'Rows of all owners, now or as of a commit or an instant',
    route: 'GET /tables/:table/rows',
    input: z.object({
      table: TableName,
      /** Conditions by field, as JSON. */
      where: z.string().max(8_192).optional(),
      /** A field, with `:desc` for descending. */
      orderBy: z.string().max(220).optional(),
      asOf: At.optional(),
      cursor: z.string().max(4_096).optional(),
      limit: Limit,
    }),
    output: page(RowItem).extend({ number: z.number().int() }),
    errors: ['not_found', 'index_required', 'history_gone', 'field_forbidden'],
    journaled: 'all',
  }),
  versions: operation({
    ...tables,
    name: 'functions.versions',
    summary: 'The versions of a row, newest first, as far as the history is kept',
    route: 'GET /tables/:table/rows/:id/versions',
    input: z.object({ table: TableName, id: RowId, cursor: z.string().max(512).optional(), limit: Limit }),
    output: page(VersionItem),
    errors: ['not_found'],
    journaled: 'all',
  }),
  restrict: operation({
    name: 'functions.restrict',
    summary: 'Set what a table permits to everybody, running transactions included',
    route: 'PUT /tables/:table/permissions',
    input: z.object({ table: TableName, permissions: z.number().int().min(0).max(7) }),
    output: z.object({ table: z.string(), permissions: z.number().int() }),
    errors: ['not_found', 'outcome_unknown'],
    permission: 'functions:restrict',
    effect: 'danger',
    proof: { word: null, perCall: true },
  }),
  begin: operation({
    ...transaction,
    name: 'functions.begin',
    summary: 'Open a transaction for several calls; each names it in X-Session-Id',
    route: 'POST /tx',
    input: z.object({ isolation: z.enum(['snapshot', 'serializable']).optional() }),
    output: z.object({ sessionId: z.string(), snapshot: z.number().int(), expiresAt: z.string() }),
    errors: ['not_migrated', 'overloaded'],
    status: 201,
  }),
  commit: operation({
    ...transaction,
    name: 'functions.commit',
    summary: 'Commit a session; the number is null when nothing was written',
    route: 'POST /tx/:sid/commit',
    input: Session,
    output: z.object({ number: z.number().int().nullable() }),
    errors: [
      'not_found',
      'write_conflict',
      'unique_violation',
      'forbidden',
      'session_busy',
      'outcome_unknown',
    ],
  }),
  abort: operation({
    ...transaction,
    name: 'functions.abort',
    summary: 'Drop a session and what it wrote',
    route: 'DELETE /tx/:sid',
    input: Session,
    output: z.undefined(),
    errors: ['not_found'],
    status: 204,
  }),
}

/** What happened to a row; a document is there as far as the reader may see it. */
export const RowChange = z.object({
  table: z.string(),
  type: z.enum(['insert', 'update', 'delete']),
  id: z.string(),
  data: Document.optional(),
  oldData: Document.optional(),
})

export const functionFeeds = {
  'functions.change/:table': feed({
    topic: 'functions.change/:table',
    summary: 'The rows of a table as commits change them',
    permission: 'public',
    snapshot: z.object({}),
    delta: z.object({ changes: z.array(RowChange) }),
  }),
  'functions.live/:fn': feed({
    topic: 'functions.live/:fn',
    summary:
      'The result of a function whenever it changes; `?args=` is base64url of the JSON list of arguments',
    permission: 'public',
    snapshot: z.object({
      result: z.unknown().optional(),
      problem: z.record(z.string(), z.unknown()).optional(),
    }),
    delta: z.object({}),
  }),
}
