import type { CallerInfo } from '@quarterdeck/sdk/functions/context'
import type { Manifest } from '@quarterdeck/sdk/functions/manifest'
import type { Mask } from '@quarterdeck/sdk/functions/masked'
import type { TableDefinition } from '@quarterdeck/sdk/functions/table'
import { fieldBits, lackingFields } from './field-masks.ts'
import { bitsOf } from './function-rights.ts'
import { heldBits } from './table-rights.ts'

/** A marked field on which somebody lacks a bit. */
export interface FieldLimit {
  readonly path: string
  readonly bits: number
}

/** What somebody holds on a table, before what the table itself permits. */
export interface TableAccess {
  readonly table: TableDefinition
  readonly held: number
  /** Bits lent by the function: what they alone suffice for knows no owner and no masks. */
  readonly lent: number
  /** Rows are the owner's alone. */
  readonly own: boolean
  /** Marked fields that are missing from what is read. */
  readonly hidden: readonly string[]
  /** Marked fields that are not both seen and changed. */
  readonly limited: readonly FieldLimit[]
}

/** Finds what a caller holds on a table; undefined for what is no table of the app. */
export type Accesses = (table: string) => TableAccess | undefined

const both = 6
const maxKnown = 1_000

/** Makes what works out accesses, once for each set of groups and each set of lent bits. */
export function createAccesses(
  groups: Manifest['groups'],
  tables: ReadonlyMap<string, TableDefinition>,
): (caller: CallerInfo, elevate: Readonly<Record<string, number>>) => Accesses {
  const byLoan = new WeakMap<object, Map<string, Accesses>>()

  return (caller, elevate) => {
    // No group's name reads as several: they are called whatever an issuer likes.
    const [only] = caller.groups
    const key = caller.groups.length === 1 ? `1 ${only}` : JSON.stringify(caller.groups)
    let known = byLoan.get(elevate)
    if (known === undefined) {
      known = new Map()
      byLoan.set(elevate, known)
    }
    const found = known.get(key)
    if (found !== undefined) return found
    // Groups come from tokens, and there may be many sets of them.
    if (known.size >= maxKnown) known.clear()
    const made = accessesOf(groups, tables, caller, elevate)
    known.set(key, made)
    return made
  }
}

function accessesOf(
  groups: Manifest['groups'],
  tables: ReadonlyMap<string, TableDefinition>,
  caller: CallerInfo,
  elevate: Readonly<Record<string, number>>,
): Accesses {
  const known = new Map<string, TableAccess>()
  return (name) => {
    const found = known.get(name)
    if (found !== undefined) return found
    const table = tables.get(name)
    if (table === undefined) return undefined
    const access: TableAccess = {
      table,
      held: heldBits(groups, caller, name, elevate),
      lent: bitsOf(elevate, name),
      own: table.rows === 'own',
      hidden: lackingFields(table.masks, caller.groups, 4),
      limited: limitsOf(table.masks, caller.groups),
    }
    known.set(name, access)
    return access
  }
}

function limitsOf(masks: readonly Mask[], groups: readonly string[]): FieldLimit[] {
  return masks
    .map((mask) => ({ path: mask.path, bits: fieldBits(mask, groups) }))
    .filter(({ bits }) => (bits & both) !== both)
}

/** Everything on every table, of all owners and without masks: for steps of migrations. */
export function accessToAll(tables: ReadonlyMap<string, TableDefinition>): Accesses {
  return (name) => {
    const table = tables.get(name)
    return table && { table, held: 7, lent: 7, own: table.rows === 'own', hidden: [], limited: [] }
  }
}

/** Whether bits are lent, so that neither owner nor masks count. */
export const isFree = ({ lent }: TableAccess, bits: number): boolean => (lent & bits) === bits
