import { type ArrayName, arrays } from '@quarterdeck/sdk/contract/record'
import { isFinished, statusField } from './statuses.ts'
import { newTracked, type Tracked } from './tracked.ts'

/** All objects of one array, with what is needed to show it without a walk over all of them. */
export interface ObjectTable {
  readonly array: ArrayName
  readonly byProduct: Map<string, Map<string, Tracked>>
  /** In order of birth; those that left stay until the next compaction. */
  order: Tracked[]
  total: number
  births: number
  readonly byStatus: Map<string, number>
  readonly open: Set<Tracked>
  /** Exceptions that were accepted: they change how gates are shown. */
  readonly accepted: Set<Tracked>
}

export type ObjectTables = Readonly<Record<ArrayName, ObjectTable>>

/** One empty table an array. */
export function emptyTables(): ObjectTables {
  const tables = arrays.map((array): [ArrayName, ObjectTable] => [
    array,
    {
      array,
      byProduct: new Map(),
      order: [],
      total: 0,
      births: 0,
      byStatus: new Map(),
      open: new Set(),
      accepted: new Set(),
    },
  ])
  return Object.fromEntries(tables) as Record<ArrayName, ObjectTable>
}

/** The object, if anything is known of it. */
export function findObject(table: ObjectTable, product: string, id: string): Tracked | undefined {
  return table.byProduct.get(product)?.get(id)
}

/** The object; a new one if nothing was known of it. */
export function obtainObject(table: ObjectTable, product: string, id: string): Tracked {
  const known = findObject(table, product, id)
  if (known !== undefined) return known
  const object = newTracked(table.array, product, id)
  placeObject(table, object)
  return object
}

/** Puts an object, new or saved, behind those already there. */
export function placeObject(table: ObjectTable, object: Tracked): void {
  table.births += 1
  object.born = table.births
  let byId = table.byProduct.get(object.product)
  if (byId === undefined) {
    byId = new Map()
    table.byProduct.set(object.product, byId)
  }
  byId.set(object.id, object)
  table.order.push(object)
  enter(table, object)
}

/** Takes an object out of which nothing is left. */
export function removeObject(table: ObjectTable, object: Tracked): void {
  leave(table, object)
  object.alive = false
  const byId = table.byProduct.get(object.product)
  byId?.delete(object.id)
  if (byId?.size === 0) table.byProduct.delete(object.product)
  if (table.order.length > 64 && table.order.length > 2 * table.total)
    table.order = table.order.filter((one) => one.alive)
}

function enter(table: ObjectTable, object: Tracked): void {
  table.total += 1
  if (object.status !== null) table.byStatus.set(object.status, (table.byStatus.get(object.status) ?? 0) + 1)
  if (!isFinished(table.array, object.status)) table.open.add(object)
  if (table.array === 'exceptions' && object.status === 'accepted') table.accepted.add(object)
}

function leave(table: ObjectTable, object: Tracked): void {
  table.total -= 1
  if (object.status !== null) {
    const left = (table.byStatus.get(object.status) ?? 1) - 1
    if (left === 0) table.byStatus.delete(object.status)
    else table.byStatus.set(object.status, left)
  }
  table.open.delete(object)
  table.accepted.delete(object)
}

/** Gives an object the status it now has; `at` is since when, if that is another than before. */
export function settleStatus(table: ObjectTable, object: Tracked, at: number): void {
  const status = statusOf(object)
  if (status === object.status) {
    if (object.since === 0) object.since = at
    return
  }
  leave(table, object)
  object.status = status
  object.since = at
  enter(table, object)
}

/** The status that events and slots give together. */
function statusOf(object: Tracked): string | null {
  const field = statusField(object.array)
  let status = object.fields[field]
  for (const view of object.views ?? []) {
    if (view.fields[field] === undefined || view.overridden?.has(field)) continue
    if (view.above || status === undefined) status = view.fields[field]
  }
  return typeof status === 'string' ? status : null
}
