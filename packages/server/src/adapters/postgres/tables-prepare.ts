import type { Pool } from 'pg'
import { NotUnique } from '../../ports/tables.ts'
import { pointerOf } from '../tables-document.ts'
import { type DeclaredTable, indexName } from '../tables-shape.ts'

const uniqueViolation = '23505'

/** The statement that makes a tenant's tables and indexes, under the lock on its head. */
export function prepareStatement(
  tenant: string,
  tables: readonly DeclaredTable[],
): { readonly text: string; readonly values: readonly [string, string] } {
  const declared = tables.map(({ name, indexes, owned, listed, permissions }) => {
    const ptr = pointerOf(tenant, name)
    const named = indexes.map((index) => ({ name: indexName(ptr, index.fields), ...index }))
    const permitted = permissions === null ? {} : { permissions }
    return { name, ptr, indexes: named, owned, listed, ...permitted }
  })
  return {
    text: 'select console_tables_prepare($1, $2::jsonb)',
    values: [tenant, JSON.stringify(declared)],
  }
}

/** Makes tables and indexes by one call. Throws `NotUnique`. */
export async function prepareAll(
  pool: Pool,
  tenant: string,
  tables: readonly DeclaredTable[],
): Promise<void> {
  const { text, values } = prepareStatement(tenant, tables)
  try {
    await pool.query(text, [...values])
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === uniqueViolation)) throw error
    throw new NotUnique(error.message, { cause: error })
  }
}
