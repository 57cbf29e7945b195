import { fault } from '@quarterdeck/sdk/errors'
import type { CallerInfo, TableQuery } from '@quarterdeck/sdk/functions/context'
import type { Query, Row, Tx } from '../../../ports/tables.ts'
import type { Permissions, Permitted } from '../rights/permitted.ts'
import { isFree, type TableAccess } from '../rights/table-access.ts'
import type { ReadNotes } from '../runner.ts'
import { type Doc, rowShown, type Seen } from './documents.ts'
import { readFault } from './port-fault.ts'
import { queryOf } from './query-of.ts'
import type { Usage } from './usage.ts'

/** What reading and writing tables stands on, within one transaction. */
export interface TablesWork {
  readonly caller: CallerInfo
  /** Null: what tables permit does not count, as in steps of migrations. */
  readonly permitted: Permitted | null
  readonly usage: Usage
  readonly notes: ReadNotes | null
  /** Throws once the call is to end. */
  readonly check: () => void
  readonly newId: () => string
}

const forbidden = (table: string) => fault('forbidden', undefined, { members: { table } })

/**
 * Throws `forbidden` unless the bits are held on the table and it permits them. A promise only while what tables permit
 * has to be asked for; then it goes on beside the read.
 */
export function demandBits(work: TablesWork, access: TableAccess, bits: number): void | Promise<void> {
  const { permitted, usage, caller } = work
  const { table, held } = access
  work.check()
  if ((held & bits) !== bits) throw forbidden(table.name)
  usage.need(table.name, bits)
  if (permitted === null) return
  const judge = (permissions: Permissions) => {
    if (((permissions.get(table.name) ?? 0) & bits) !== bits) throw forbidden(table.name)
  }
  const known = permitted.of(caller.tenant)
  if (known instanceof Promise)
    return known.then(judge, (error: unknown) => {
      throw readFault(error)
    })
  judge(known)
}

/** What was read, once it is certain that it may be. Throws the fault of a read that failed. */
async function readAllowed<Read>(
  work: TablesWork,
  allowed: void | Promise<void>,
  read: () => Promise<Read>,
): Promise<Read> {
  try {
    if (allowed === undefined) return await read()
    return (await Promise.all([read(), allowed]))[0]
  } catch (error) {
    // What ended the call is told rather than that its transaction is over.
    work.check()
    throw readFault(error)
  }
}

/** Reads a row that there is for this caller; null else. `bits` are those that the act needs. */
export async function findRow(
  work: TablesWork,
  tx: Tx,
  access: TableAccess,
  id: string,
  bits: number,
): Promise<Row | null> {
  const { table } = access
  const row = await readAllowed(work, demandBits(work, access, bits), () => tx.get(table.name, id))
  work.usage.read(1)
  const personal = access.own && !isFree(access, bits)
  if (personal) work.notes?.personal()
  work.notes?.row(table.name, id)
  return personal && row !== null && row.owner !== work.caller.principal ? null : row
}

/** Rows of a query, of this caller alone where rows are own. */
export async function findRows(
  work: TablesWork,
  tx: Tx,
  access: TableAccess,
  query: Query,
  bits: number,
): Promise<{ readonly rows: readonly Row[]; readonly cursor?: string }> {
  const { table } = access
  const personal = access.own && !isFree(access, bits)
  const owner = personal ? work.caller.principal : null
  if (personal) work.notes?.personal()
  work.notes?.rows(table.name, query.where ?? {}, owner)
  const found = await readAllowed(work, demandBits(work, access, bits), () =>
    tx.query(table.name, owner === null ? query : { ...query, owner }),
  )
  work.usage.read(found.rows.length)
  return found
}

/** A row as this caller sees it. */
export function seenRow(access: TableAccess, row: Row): Seen | Promise<Seen> {
  return rowShown(access.table, row, isFree(access, 4) ? [] : access.hidden)
}

/** The part of a table's handle that reads, over the transaction that `txOf` gives. */
export function readingHandle(work: TablesWork, access: TableAccess, txOf: () => Tx) {
  async function query(asked: TableQuery<Doc> = {}) {
    const { rows, cursor } = await findRows(work, txOf(), access, queryOf(access, asked), 4)
    const shown: Seen[] = []
    for (const row of rows) {
      const doc = seenRow(access, row)
      shown.push(doc instanceof Promise ? await doc : doc)
    }
    return cursor === undefined ? { rows: shown } : { rows: shown, cursor }
  }

  return {
    async get(id: string): Promise<Seen | null> {
      const row = await findRow(work, txOf(), access, id, 4)
      return row === null ? null : seenRow(access, row)
    },
    query,
    async *[Symbol.asyncIterator](): AsyncGenerator<Seen> {
      let page: { rows: Seen[]; cursor?: string } | null = null
      do {
        page = await query({
          limit: pageSize,
          ...(page?.cursor === undefined ? {} : { cursor: page.cursor }),
        })
        yield* page.rows
      } while (page.cursor !== undefined)
    },
  }
}

const pageSize = 250
