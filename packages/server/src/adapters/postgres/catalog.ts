import type { ClientBase, Pool } from 'pg'

/** Tables that the code works with, and the columns it expects in each. */
export type SchemaNeeds = Readonly<Record<string, readonly string[]>>

/** Something the code expects and the database has not; a column's name is `table.column`. */
export interface CatalogProblem {
  readonly code: 'table_missing' | 'column_missing'
  readonly name: string
}

/**
 * Compares what the database really holds with what the code needs. A full ledger proves only what once was applied;
 * this finds what was dropped since.
 */
export async function catalogProblems(
  pool: Pick<ClientBase | Pool, 'query'>,
  needs: SchemaNeeds,
): Promise<readonly CatalogProblem[]> {
  const { rows } = await pool.query<{ table_name: string; columns: string[] }>(
    `select table_name::text, array_agg(column_name::text) as columns from information_schema.columns
     where table_schema = any(current_schemas(false)) and table_name = any($1) group by table_name`,
    [Object.keys(needs)],
  )
  const found = new Map(rows.map((row) => [row.table_name, new Set(row.columns)]))
  return Object.entries(needs).flatMap(([table, columns]): CatalogProblem[] => {
    const there = found.get(table)
    if (there === undefined) return [{ code: 'table_missing', name: table }]
    return columns
      .filter((column) => !there.has(column))
      .map((column) => ({ code: 'column_missing', name: `${table}.${column}` }))
  })
}

/**
 * Tables of documents that the platform keeps for itself (owners that begin with an underscore) and the database has no
 * more, main table or history.
 */
export async function placeProblems(
  pool: Pick<ClientBase | Pool, 'query'>,
): Promise<readonly CatalogProblem[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select ptr || part as name from storage, (values (''), ('_h')) as parts (part)
     where owner like '\\_%' and to_regclass(quote_ident(ptr || part)) is null order by 1`,
  )
  return rows.map(({ name }) => ({ code: 'table_missing', name }))
}
