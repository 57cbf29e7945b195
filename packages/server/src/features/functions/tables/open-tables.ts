import type { Tx } from '../../../ports/tables.ts'
import type { LoadedApp } from '../loaded-app.ts'
import { type Accesses, accessToAll } from '../rights/table-access.ts'
import { type OpenTable, openTable, type WritingWork } from './table-handle.ts'
import { readingHandle } from './table-reading.ts'
import { createUsage } from './usage.ts'

type PastTables = Readonly<Record<string, Pick<OpenTable, 'get' | 'query'> & AsyncIterable<unknown>>>

/** `ctx.tables`: every table of the app by its name, and `at`, which reads the past. */
export type OpenTables = Readonly<Record<string, OpenTable>> & { at(when: number | Date): PastTables }

/** What opens tables of an app. */
export interface TablesWorkOf extends WritingWork {
  readonly access: Accesses
  /** A transaction as of the past. */
  readonly beginAt: (when: number | Date) => Tx
}

/** Opens tables by name when they are first used; made once for an app, used by each call. */
export type OpenAll<Work, Opened> = (work: Work) => Opened

const held = Symbol('work')

/**
 * Makes what gives a call its tables. The names are laid on one prototype, so that a call pays for the tables it uses
 * and not for those there are.
 */
function openByName<Work, Table>(
  names: Iterable<string>,
  open: (work: Work, name: string) => Table,
  at?: (work: Work, when: number | Date) => unknown,
): OpenAll<Work, Readonly<Record<string, Table>>> {
  const shape: object = Object.create(null)
  for (const name of names) {
    Object.defineProperty(shape, name, {
      enumerable: true,
      configurable: true,
      get(this: { [held]: Work }) {
        const table = open(this[held], name)
        Object.defineProperty(this, name, { value: table, enumerable: true })
        return table
      },
    })
  }
  if (at !== undefined) {
    Object.defineProperty(shape, 'at', {
      value(this: { [held]: Work }, when: number | Date) {
        return at(this[held], when)
      },
    })
  }
  return (work) => {
    const opened: { [held]?: Work } = Object.create(shape)
    opened[held] = work
    return opened as Readonly<Record<string, Table>>
  }
}

/** Makes what gives calls the tables of an app. */
export function createTables(tables: LoadedApp['tables']): OpenAll<TablesWorkOf, OpenTables> {
  const accessOf = (access: Accesses, name: string) => {
    const found = access(name)
    if (found === undefined) throw new TypeError(`there is no table ${name}`)
    return found
  }
  const past = openByName(tables.keys(), (work: TablesWorkOf, name) => {
    const { tx } = work
    // What does not change any more is not noted, but whose it is.
    const notes = work.notes && { row() {}, rows() {}, personal: work.notes.personal }
    return readingHandle({ ...work, notes }, accessOf(work.access, name), () => tx)
  })
  return openByName(
    tables.keys(),
    (work: TablesWorkOf, name) => openTable(work, accessOf(work.access, name)),
    (work, when) => {
      work.check()
      return past({ ...work, tx: work.beginAt(when) })
    },
  ) as OpenAll<TablesWorkOf, OpenTables>
}

/** The tables of an app for a step of its migrations: without rights, owners, masks and limits. */
export function migrationTables(needs: {
  readonly app: Pick<LoadedApp, 'tables'>
  readonly tenant: string
  readonly tx: Tx
  readonly newId: () => string
}): Readonly<Record<string, OpenTable>> {
  const { app, tenant, tx, newId } = needs
  return createTables(app.tables)({
    caller: { tenant, principal: 'migration', groups: [], class: 'service' },
    permitted: null,
    usage: createUsage(false),
    notes: null,
    check() {},
    newId,
    tx,
    writing: true,
    access: accessToAll(app.tables),
    beginAt() {
      throw new TypeError('a migration does not read the past')
    },
  })
}
