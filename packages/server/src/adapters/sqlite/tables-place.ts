import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { pointerOf } from '../tables-document.ts'
import { indexName, type StandingTable, type TableIndex } from '../tables-shape.ts'
import type { Prepared } from './prepared.ts'
import { placeSql, quoted } from './tables-sql.ts'

function indexOf(line: Readonly<Record<string, SQLOutputValue>>): TableIndex {
  // Only a declaration that was checked is stored.
  return { fields: JSON.parse(String(line.fields)) as string[], unique: line.is_unique === 1 }
}

/** The declared indexes of a tenant's table. */
export function indexesAt(sql: Prepared, tenant: string, table: string): readonly TableIndex[] {
  const text = 'select fields, is_unique from table_indexes where owner = ? and id = ? order by fields'
  return sql.all(text, tenant, table).map(indexOf)
}

/** The tables that a tenant has, by name. */
export function standingAt(sql: Prepared, tenant: string): ReadonlyMap<string, StandingTable> {
  const found = new Map<string, StandingTable & { readonly indexes: TableIndex[] }>()
  for (const line of sql.all('select id, owned, listed from storage where owner = ?', tenant)) {
    found.set(String(line.id), { indexes: [], owned: line.owned === 1, listed: line.listed === 1 })
  }
  const text = 'select id, fields, is_unique from table_indexes where owner = ? order by id, fields'
  for (const line of sql.all(text, tenant)) found.get(String(line.id))?.indexes.push(indexOf(line))
  return found
}

/** Every field of the indexes once. */
export function fieldsOf(indexes: readonly TableIndex[]): readonly string[] {
  return [...new Set(indexes.flatMap((index) => index.fields))]
}

/** Lets a reader of the present pass by all versions that ended before. */
export function indexHistory(db: DatabaseSync, ptr: string): void {
  db.exec(`create index if not exists ${quoted(indexName(ptr, []))} on ${quoted(`${ptr}_h`)} (_deleted_txid)`)
}

/** Makes a physical table with its history, if there is none. */
export function createTable(db: DatabaseSync, ptr: string): void {
  const shape = `data text not null, _txid integer not null, _deleted_txid integer, _owner text not null,
    _order integer not null`
  db.exec(`create table if not exists ${quoted(ptr)} (id text primary key, ${shape}) strict`)
  db.exec(
    `create table if not exists ${quoted(`${ptr}_h`)} (id text not null, ${shape}, primary key (id, _txid)) strict`,
  )
  indexHistory(db, ptr)
}

/** The physical table of a tenant's table, made with its history when there is none. */
export function placeOf(db: DatabaseSync, sql: Prepared, tenant: string, table: string): string {
  const known = sql.one(placeSql, tenant, table)
  if (known !== undefined) return String(known.ptr)
  const ptr = pointerOf(tenant, table)
  createTable(db, ptr)
  sql.run('insert into storage (owner, id, ptr) values (?, ?, ?)', tenant, table, ptr)
  return ptr
}
