import type { TableQuery } from '@quarterdeck/sdk/functions/context'
import type { Query } from '../../../ports/tables.ts'
import { demandSeen } from '../rights/field-masks.ts'
import { isFree, type TableAccess } from '../rights/table-access.ts'

type Changing<T> = { -readonly [Name in keyof T]: T[Name] }

/** A query of a function as the port takes it. Throws `field_forbidden` where it asks for, or by, a field unseen. */
export function queryOf(access: TableAccess, asked: TableQuery<Record<string, unknown>>): Query {
  const { where, orderBy, limit, cursor } = asked
  const by = typeof orderBy === 'string' ? { field: orderBy } : orderBy
  // Who may not read the table at all is told that, and not what is in it.
  if (access.hidden.length > 0 && (access.held & 4) !== 0 && !isFree(access, 4)) {
    for (const field of Object.keys(where ?? {})) demandSeen(access.hidden, field)
    if (typeof by?.field === 'string') demandSeen(access.hidden, by.field)
  }
  const query: Changing<Query> = {}
  // An index orders what it finds by its further fields too, and a cursor holds where that was.
  if (access.hidden.length > 0 && !isFree(access, 4)) query.blind = access.hidden
  if (where !== undefined) query.where = where
  if (by !== undefined) query.orderBy = by
  if (limit !== undefined) query.limit = limit
  if (cursor !== undefined) query.cursor = cursor
  return query
}
