import type { Pool } from 'pg'
import { NotUnique } from '../../ports/tables.ts'
import { pointerOf } from '../tables-document.ts'
import type { DeclaredTable } from '../tables-over.ts'
import { indexName } from '../tables-shape.ts'

const uniqueViolation = '23505'

/** Makes tables and indexes by one call under the lock on the tenant's head. Throws `NotUnique`. */
export async function prepareAll(
  pool: Pool,
  tenant: string,
  tables: readonly DeclaredTable[],
): Promise<void> {
  const declared = tables.map(({ name, indexes }) => {
    const ptr = pointerOf(tenant, name)
    return { name, ptr, indexes: indexes.map((index) => ({ name: indexName(ptr, index.fields), ...index })) }
  })
  try {
    await pool.query('select console_tables_prepare($1, $2::jsonb)', [tenant, JSON.stringify(declared)])
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === uniqueViolation)) throw error
    throw new NotUnique(error.message, { cause: error })
  }
}
