import type { Commit, Json, Outcome, Remembered } from '../../ports/tables.ts'
import { placesPerCommit, type Write } from '../tables-buffer.ts'
import type { StoredSession } from '../tables-keeping.ts'
import { fieldKey, isComparable } from '../tables-key.ts'
import type { StoredMeta } from '../tables-meta.ts'
import { type CommitRequest, isComparing } from '../tables-over.ts'
import type { TableIndex } from '../tables-shape.ts'
import { meets } from '../tables-tests.ts'

/** A version of a row: visible to snapshots from `txid` on, before `deletedTxid`. */
export interface Version {
  readonly text: string
  readonly txid: number
  deletedTxid: number | null
  readonly owner: string
  readonly order: number
}

/** A commit with what it said of itself. */
export interface StoredCommit extends Commit, Omit<StoredMeta, 'bits' | 'migration'> {
  /** Unix ms. */
  readonly at: number
}

/** All that a tenant has. */
export interface Holding {
  last: number
  at: number
  /** Versions of rows by table and id, oldest first. */
  readonly tables: Map<string, Map<string, Version[]>>
  /** By the name of the transaction, in order. */
  readonly commits: Map<string, StoredCommit>
  /** The names of transactions that may never commit, with the time of that, Unix ms. */
  readonly voids: Map<string, number>
  /** The commits that stand under an idempotency key. */
  readonly keys: Map<string, StoredCommit>
  /** The declared indexes by table. */
  readonly indexes: Map<string, readonly TableIndex[]>
  /** The oldest snapshot that can still be read. */
  horizon: number
  /** What tables permit, of each that was prepared or written. */
  readonly permissions: Map<string, number>
  /** Transactions put away, by sid. */
  readonly sessions: Map<string, StoredSession>
  /** Steps of migrations by id, with their checksums. */
  readonly migrations: Map<string, string>
}

const allPermissions = 7

const documents = new WeakMap<Version, Json>()

/** A version's document, to be looked at only: whoever gives it away gives a copy. */
export function documentOf(version: Version): Json {
  const known = documents.get(version)
  if (known !== undefined) return known
  const data: Json = JSON.parse(version.text)
  documents.set(version, data)
  return data
}

/** The version that a snapshot sees. */
export function visible(versions: readonly Version[], last: number): Version | undefined {
  return versions.findLast(
    ({ txid, deletedTxid }) => txid <= last && (deletedTxid === null || deletedTxid > last),
  )
}

/** The documents of a table as of now. */
export function liveRows(holding: Holding, table: string): { id: string; data: Json }[] {
  return [...(holding.tables.get(table) ?? [])].flatMap(([id, versions]) => {
    const newest = versions.at(-1)
    return newest === undefined || newest.deletedTxid !== null ? [] : [{ id, data: documentOf(newest) }]
  })
}

/** What a document is called in a unique index; null where it is compared with nothing. */
export function uniqueKey(data: Json, fields: readonly string[]): string | null {
  const keys = fields.map((field) => fieldKey(data, field))
  return keys.every(isComparable) ? JSON.stringify(keys) : null
}

const changedSince = ({ txid, deletedTxid }: Version, current: number) =>
  txid >= current || (deletedTxid ?? 0) >= current

function overtaken(holding: Holding, request: CommitRequest, current: number) {
  for (const { table, id } of [...request.writes, ...request.reads]) {
    const newest = holding.tables.get(table)?.get(id)?.at(-1)
    if (newest !== undefined && changedSince(newest, current)) return { table, id }
  }
  for (const { table, tests, owner, current: since } of request.filters) {
    for (const [id, versions] of holding.tables.get(table) ?? []) {
      const mine = owner === null ? versions : versions.filter((version) => version.owner === owner)
      const changed = mine.filter((version) => changedSince(version, since))
      if (changed.some((version) => meets(documentOf(version), tests))) return { table, id }
    }
  }
  return null
}

/** The first write whose document would stand in a unique index where another row stands. */
function clashing(holding: Holding, { writes }: CommitRequest) {
  for (const table of new Set(writes.map((write) => write.table))) {
    const mine = writes.filter((write) => write.table === table)
    const written = new Set(mine.map((write) => write.id))
    for (const { fields } of (holding.indexes.get(table) ?? []).filter((index) => index.unique)) {
      const others = liveRows(holding, table).filter(({ id }) => !written.has(id))
      const taken = new Set(others.map(({ data }) => uniqueKey(data, fields)))
      for (const { id, text } of mine) {
        const key = text === null ? null : uniqueKey(JSON.parse(text), fields)
        if (key !== null && taken.has(key)) return { table, id }
        taken.add(key)
      }
    }
  }
  return null
}

/** Writes one document as of a commit; says what was done to the row. */
function apply(holding: Holding, write: Write, number: number): Commit['touched'] {
  const { table, id } = write
  const rows = holding.tables.get(table) ?? new Map<string, Version[]>()
  const versions = rows.get(id) ?? []
  const newest = versions.at(-1)
  const live = newest !== undefined && newest.deletedTxid === null ? newest : null
  if (live !== null) live.deletedTxid = number
  if (write.text === null) return live === null ? [] : [{ table, id, type: 'delete' }]
  const kept = write.fresh ? null : live
  versions.push({
    text: write.text,
    txid: number,
    deletedTxid: null,
    owner: kept?.owner ?? write.owner,
    order: kept?.order ?? number * placesPerCommit + write.place,
  })
  holding.tables.set(table, rows.set(id, versions))
  return [{ table, id, type: live === null ? 'insert' : 'update' }]
}

/** What became of a transaction; null when nobody knows it. */
function known(holding: Holding, sid: string): Outcome | null {
  if (holding.voids.has(sid)) return { state: 'aborted', why: 'conflict' }
  const there = holding.commits.get(sid)
  return there === undefined ? null : { state: 'committed', number: there.number, at: new Date(there.at) }
}

/** What a commit under an idempotency key left. */
export function recall(holding: Holding, idempotency: string): Remembered | null {
  const there = holding.keys.get(idempotency)
  if (there === undefined) return null
  const { number, at, request, result } = there
  return { number, at: new Date(at), request, result: result === null ? null : JSON.parse(result) }
}

/** What became of a transaction; one that nobody knows can never commit from now on. */
export function settle(holding: Holding, sid: string, at: number): Outcome {
  const found = known(holding, sid)
  if (found === null) holding.voids.set(sid, at)
  return found ?? { state: 'aborted', why: 'conflict' }
}

/** Why a transaction may not commit; null when it may. */
function refusal(holding: Holding, request: CommitRequest): Outcome | null {
  const { migration, bits } = request.meta
  if (migration !== null && holding.migrations.has(migration.id)) return { state: 'aborted', why: 'conflict' }
  for (const [table, wanted] of bits) {
    const permitted = holding.permissions.get(table) ?? allPermissions
    if ((permitted & wanted) !== wanted) return { state: 'aborted', why: 'forbidden', table }
  }
  const current = request.current ?? holding.last + 1
  // What was purged since cannot be compared any more.
  if (current <= holding.horizon && isComparing(request)) return { state: 'aborted', why: 'conflict' }
  const conflict = overtaken(holding, request, current)
  if (conflict !== null) return { state: 'aborted', why: 'conflict', ...conflict }
  const clash = clashing(holding, request)
  return clash === null ? null : { state: 'aborted', why: 'unique', ...clash }
}

/** Commits one transaction of a tenant. */
export function commit(holding: Holding, request: CommitRequest): Outcome {
  const { sid, meta, session } = request
  // The key first: a rival under the same name hears that it was not its own commit.
  const repeated = meta.idempotency === null ? null : recall(holding, meta.idempotency)
  if (repeated !== null) return { state: 'committed', number: repeated.number, at: repeated.at, repeated }
  const there = known(holding, sid)
  if (there !== null) return there
  if (session !== null && holding.sessions.get(sid)?.version !== session) {
    return { state: 'aborted', why: 'conflict' }
  }
  const refused = request.isBare ? null : refusal(holding, request)
  if (refused !== null) return refused
  if (session !== null) holding.sessions.delete(sid)
  if (request.isBare) return { state: 'committed', number: null, at: new Date(request.at) }

  const number = holding.last + 1
  const at = Math.max(holding.at, request.at)
  for (const { table } of request.writes) {
    if (!holding.permissions.has(table)) holding.permissions.set(table, allPermissions)
  }
  const touched = request.writes.flatMap((write) => apply(holding, write, number))
  const { bits: _, migration, ...said } = meta
  const stored = { number, at, touched, ...said }
  holding.commits.set(sid, stored)
  if (meta.idempotency !== null) holding.keys.set(meta.idempotency, stored)
  if (migration !== null) holding.migrations.set(migration.id, migration.checksum)
  holding.last = number
  holding.at = at
  return { state: 'committed', number, at: new Date(at) }
}
