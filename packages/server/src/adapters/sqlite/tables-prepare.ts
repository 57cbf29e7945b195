import type { DatabaseSync } from 'node:sqlite'
import { NotUnique } from '../../ports/tables.ts'
import { fieldKey } from '../tables-key.ts'
import { columnOf, type DeclaredTable, indexName, missingIndexes, type TableIndex } from '../tables-shape.ts'
import { immediately } from './open.ts'
import type { Prepared } from './prepared.ts'
import { fieldsOf, indexesAt, indexHistory, placeOf } from './tables-place.ts'
import { comparableSql, placeSql, quoted } from './tables-sql.ts'

/** Adds the column of a field and fills it with the keys of the rows that are there. */
function addField(db: DatabaseSync, table: string, field: string): void {
  const column = quoted(columnOf(field))
  db.exec(`alter table ${table} add column ${column} text not null default '0'`)
  const update = db.prepare(`update ${table} set ${column} = ? where rowid = ?`)
  let after = 0
  for (;;) {
    const lines = db
      .prepare(`select rowid, data from ${table} where rowid > ? order by rowid limit 1000`)
      .all(after)
    for (const line of lines) {
      update.run(fieldKey(JSON.parse(String(line.data)), field), line.rowid ?? null)
    }
    const last = lines.at(-1)
    if (last === undefined) return
    after = Number(last.rowid)
  }
}

function checkUnique(db: DatabaseSync, table: string, ptr: string, { fields }: TableIndex): void {
  const columns = fields.map((field) => quoted(columnOf(field)))
  const clash = db
    .prepare(
      `select 1 from ${quoted(ptr)} where _deleted_txid is null and ${columns.map(comparableSql).join(' and ')}
       group by ${columns.join(', ')} having count(*) > 1 limit 1`,
    )
    .get()
  if (clash !== undefined) throw new NotUnique(`rows of ${table} clash in ${fields.join(', ')}`)
}

/** Makes the indexes by owner and by insertion order, and notes that they are there. */
function lineUp(
  db: DatabaseSync,
  sql: Prepared,
  tenant: string,
  ptr: string,
  { name, owned, listed }: DeclaredTable,
) {
  const indexes: (readonly [wanted: boolean, columns: readonly string[]])[] = [
    [owned, ['_owner', 'id']],
    [listed, ['_order', 'id']],
    [owned && listed, ['_owner', '_order', 'id']],
  ]
  for (const [wanted, columns] of indexes) {
    if (!wanted) continue
    // No field has an empty name, so no declared index is called so.
    const index = quoted(indexName(ptr, ['', ...columns]))
    db.exec(`create index if not exists ${index} on ${quoted(ptr)} (${columns.join(', ')})`)
  }
  sql.run(
    'update storage set owned = max(owned, ?), listed = max(listed, ?) where owner = ? and id = ?',
    owned ? 1 : 0,
    listed ? 1 : 0,
    tenant,
    name,
  )
}

function prepareOne(db: DatabaseSync, sql: Prepared, tenant: string, declared: DeclaredTable): void {
  const { name, permissions } = declared
  const isNew = sql.one(placeSql, tenant, name) === undefined
  const ptr = placeOf(db, sql, tenant, name)
  if (isNew && permissions !== null) {
    sql.run('update storage set permissions = ? where owner = ? and id = ?', permissions, tenant, name)
  }
  lineUp(db, sql, tenant, ptr, declared)
  const there = indexesAt(sql, tenant, name)
  const missing = missingIndexes(declared.indexes, there)
  const known = new Set(fieldsOf(there))
  for (const field of fieldsOf(missing).filter((field) => !known.has(field))) {
    for (const physical of [ptr, `${ptr}_h`]) addField(db, quoted(physical), field)
  }
  indexHistory(db, ptr)
  for (const index of missing) {
    const columns = [...index.fields.map((field) => quoted(columnOf(field))), 'id'].join(', ')
    db.exec(
      `create index if not exists ${quoted(indexName(ptr, index.fields))} on ${quoted(ptr)} (${columns})`,
    )
    if (index.unique) checkUnique(db, name, ptr, index)
    sql.run(
      'insert or replace into table_indexes (owner, id, fields, is_unique) values (?, ?, ?, ?)',
      tenant,
      name,
      JSON.stringify(index.fields),
      index.unique ? 1 : 0,
    )
  }
}

/** Makes tables and indexes in one write transaction of the file. Throws `NotUnique`, and leaves all as it was then. */
export function prepareAll(
  db: DatabaseSync,
  sql: Prepared,
  tenant: string,
  tables: readonly DeclaredTable[],
): void {
  immediately(db, () => {
    for (const declared of tables) prepareOne(db, sql, tenant, declared)
  })
}
