import { createHash } from 'node:crypto'
import { DocumentInvalid, type TableShape } from '../ports/tables.ts'
import { checkTable } from './tables-document.ts'
import { compareText } from './tables-key.ts'
import { checkField } from './tables-tests.ts'

/** A declared index. */
export interface TableIndex {
  readonly fields: readonly string[]
  readonly unique: boolean
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

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)

/** The column that holds the key of a field. */
export function columnOf(field: string): string {
  return `_k_${digestOf(field)}`
}

/** The name of the engine's index on a table. */
export function indexName(ptr: string, fields: readonly string[]): string {
  return `idx_${ptr.slice(-12)}_${digestOf(JSON.stringify(fields))}`
}
