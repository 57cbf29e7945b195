import type { Commit, Json, Outcome } from '../../ports/tables.ts'
import { placesPerCommit, type Write } from '../tables-buffer.ts'
import { fieldKey, isComparable } from '../tables-key.ts'
import type { CommitRequest } from '../tables-over.ts'
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

/** All that a tenant has. */
export interface Holding {
  last: number
  at: number
  /** Versions of rows by table and id, oldest first. */
  readonly tables: Map<string, Map<string, Version[]>>
  /** By the name of the transaction, in order. */
  readonly commits: Map<string, Commit & { readonly at: number }>
  /** The declared indexes by table. */
  readonly indexes: Map<string, readonly TableIndex[]>
}

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
  for (const { table, tests, current: since } of request.filters) {
    for (const [id, versions] of holding.tables.get(table) ?? []) {
      const changed = versions.filter((version) => changedSince(version, since))
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

/** Commits one transaction of a tenant. */
export function commit(holding: Holding, request: CommitRequest): Outcome {
  const known = holding.commits.get(request.sid)
  if (known !== undefined) return { state: 'committed', number: known.number, at: new Date(known.at) }
  const conflict = overtaken(holding, request, request.current ?? holding.last + 1)
  if (conflict !== null) return { state: 'aborted', why: 'conflict', ...conflict }
  const clash = clashing(holding, request)
  if (clash !== null) return { state: 'aborted', why: 'unique', ...clash }
  const number = holding.last + 1
  const at = Math.max(holding.at, request.at)
  const touched = request.writes.flatMap((write) => apply(holding, write, number))
  holding.commits.set(request.sid, { number, at, touched })
  holding.last = number
  holding.at = at
  return { state: 'committed', number, at: new Date(at) }
}
