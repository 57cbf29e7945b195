import { createHash } from 'node:crypto'
import { DocumentInvalid, type TableShape } from '../ports/tables.ts'
import { checkTable } from './tables-document.ts'
import { compareText } from './tables-key.ts'
import { checkBits } from './tables-meta.ts'
import { checkField } from './tables-tests.ts'

/** A declared index. */
export interface TableIndex {
  readonly fields: readonly string[]
  readonly unique: boolean
}

/** What stands of a table: its indexes, and whether those by owner and by insertion order do. */
export interface StandingTable {
  readonly indexes: readonly TableIndex[]
  readonly owned: boolean
  readonly listed: boolean
}

/** A table as it must stand. */
export interface DeclaredTable extends StandingTable {
  readonly name: string
  /** What it permits when it is made; null: all. */
  readonly permissions: number | null
}

const maxFields = 4
const maxIndexes = 16

const sameFields = (index: { readonly fields: readonly string[] }) => JSON.stringify(index.fields)

/** The indexes of a declaration, each once. Throws `DocumentInvalid`. */
export function indexesOf(shape: TableShape): readonly TableIndex[] {
  checkTable(shape.name)
  const found = new Map<string, TableIndex>()
  for (const { fields, unique } of shape.indexes) {
    if (fields.length < 1 || fields.length > maxFields || new Set(fields).size < fields.length) {
      throw new DocumentInvalid(`an index has 1 to ${maxFields} fields, each once`)
    }
    for (const field of fields) checkField(field)
    const index = { fields: [...fields], unique: unique ?? false }
    const before = found.get(sameFields(index))
    found.set(sameFields(index), before?.unique ? before : index)
  }
  if (found.size > maxIndexes) throw new DocumentInvalid(`a table has at most ${maxIndexes} indexes`)
  return [...found.values()].sort((a, b) => compareText(sameFields(a), sameFields(b)))
}

/** Of the indexes wanted those that are not there yet, or not yet unique. */
export function missingIndexes(
  wanted: readonly TableIndex[],
  there: readonly TableIndex[],
): readonly TableIndex[] {
  const known = new Map(there.map((index) => [sameFields(index), index]))
  return wanted.filter((index) => {
    const found = known.get(sameFields(index))
    return found === undefined || (index.unique && !found.unique)
  })
}

/** A declaration, checked. Throws `DocumentInvalid`. */
export function declaredOf(shape: TableShape): DeclaredTable {
  const { name, owned, listed, permissions } = shape
  if (permissions !== undefined) checkBits(permissions)
  return {
    name,
    indexes: indexesOf(shape),
    owned: owned ?? false,
    listed: listed ?? false,
    permissions: permissions ?? null,
  }
}

/** Whether a table stands as it is declared. */
export function stands(declared: DeclaredTable, there: StandingTable | undefined): boolean {
  if (there === undefined) return false
  if ((declared.owned && !there.owned) || (declared.listed && !there.listed)) return false
  return missingIndexes(declared.indexes, there.indexes).length === 0
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)

/** The column that holds the key of a field. */
export function columnOf(field: string): string {
  return `_k_${digestOf(field)}`
}

/** The name of the engine's index on a table. */
export function indexName(ptr: string, fields: readonly string[]): string {
  // A table made by hand may end in letters that others end in too.
  const place = /_[0-9a-f]{12}$/.test(ptr) ? ptr.slice(-12) : digestOf(ptr)
  return `idx_${place}_${digestOf(JSON.stringify(fields))}`
}
