import { fault } from '@quarterdeck/sdk/errors'
import type { TableHandle } from '@quarterdeck/sdk/functions/context'
import type { Json, Row, Tx } from '../../../ports/tables.ts'
import { isFree, type TableAccess } from '../rights/table-access.ts'
import { type Doc, documentOf, type Seen, withoutId } from './documents.ts'
import { withKeptFields, withUpdatedFields } from './keep-fields.ts'
import { writeFault } from './port-fault.ts'
import { demandBits, findRow, findRows, readingHandle, seenRow, type TablesWork } from './table-reading.ts'

export type OpenTable = TableHandle<Record<string, unknown>>

/** What writing needs beside. */
export interface WritingWork extends TablesWork {
  readonly tx: Tx
  /** False for a function that does not write. */
  readonly writing: boolean
}

/** A table as a function uses it. */
export function openTable(work: WritingWork, access: TableAccess): OpenTable {
  const { tx, usage, caller } = work
  const { table, limited } = access
  const { name } = table

  function demandWriting(): void {
    work.check()
    if (work.writing) return
    throw fault('forbidden', 'A function whose bits are for reading does not write', {
      members: { table: name },
    })
  }

  function put(id: string, doc: Json): void {
    // What the schema had to wait for may have outlasted the call.
    work.check()
    try {
      tx.set(name, id, doc, caller.principal)
    } catch (error) {
      throw writeFault(error)
    }
    usage.write(name, id, doc)
  }

  /** The row that would be written over, where somebody has to look before. */
  async function rowBefore(id: string): Promise<Row | null> {
    const owned = access.own && !isFree(access, 2)
    const kept = limited.length > 0 && !isFree(access, 2)
    if (!owned && !kept) {
      await demandBits(work, access, 2)
      return null
    }
    const row = await findAny(id)
    if (row !== null && owned && row.owner !== caller.principal)
      throw fault('unique_violation', undefined, { members: { table: name } })
    return row
  }

  /** A row of whatever owner. */
  const findAny = (id: string) => findRow(work, tx, { ...access, own: false }, id, 2)

  async function take(listed: 'asc' | 'desc') {
    demandWriting()
    const [row] = (await findRows(work, tx, access, { listed, limit: 1 }, 5)).rows
    if (row === undefined) return null
    const doc = await seenRow(access, row)
    remove(row.id)
    return doc
  }

  function remove(id: string): void {
    work.check()
    try {
      tx.delete(name, id)
    } catch (error) {
      throw writeFault(error)
    }
    usage.write(name, id, null)
  }

  const reading = readingHandle(work, access, () => tx)
  return {
    ...reading,
    async set(id, given) {
      demandWriting()
      const doc = withoutId(given)
      const before = await rowBefore(id)
      const kept = isFree(access, 2) ? doc : withKeptFields(limited, before && docOf(before), doc)
      put(id, await documentOf(table, kept))
    },
    async update(id, given) {
      demandWriting()
      const fields = withoutId(given)
      const row = await findRow(work, tx, access, id, 2)
      if (row === null) throw fault('not_found')
      const merged = withUpdatedFields(isFree(access, 2) ? [] : limited, docOf(row), fields)
      const doc = await documentOf(table, merged)
      put(id, doc)
      const seen = await seenRow(access, { ...row, data: doc })
      return mayRead(access) ? seen : onlyThose(seen, fields)
    },
    async delete(id) {
      demandWriting()
      const row = await findRow(work, tx, access, id, 1)
      if (row === null) return false
      remove(id)
      return true
    },
    async push(given) {
      demandWriting()
      await demandBits(work, access, 2)
      const id = work.newId()
      const doc = withoutId(given)
      put(id, await documentOf(table, isFree(access, 2) ? doc : withKeptFields(limited, null, doc)))
      return id
    },
    pop: () => take('desc'),
    shift: () => take('asc'),
  }
}

const mayRead = ({ held }: TableAccess) => (held & 4) !== 0

const docOf = ({ data }: Row): Doc =>
  typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Doc) : {}

/** Who may write but not read is answered what was given, and no more. */
function onlyThose(doc: Seen, fields: Doc): Seen {
  const given = Object.fromEntries(Object.entries(doc).filter(([key]) => Object.hasOwn(fields, key)))
  return { ...given, id: doc.id }
}
