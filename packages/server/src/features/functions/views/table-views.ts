import type { functions } from '@quarterdeck/sdk/contract/functions'
import { fault } from '@quarterdeck/sdk/errors'
import type { ManifestTable } from '@quarterdeck/sdk/functions/manifest'
import { z } from 'zod'
import { readCursor, writeCursor } from '../../../core/cursor.ts'
import type { Handlers } from '../../../core/perform.ts'
import type { Committed, Tables } from '../../../ports/tables.ts'
import type { LoadedApp } from '../loaded-app.ts'
import { operatorMasks } from './operator-masks.ts'
import { readingTables } from './reading-tables.ts'
import { orderOf, whereOf } from './where-of.ts'

const VersionsCursor = z.object({ table: z.string(), id: z.string(), before: z.number().int() })

/** Finds a table of the app by its name; `not_found` else. */
export function findTable(app: LoadedApp | null, name: string): ManifestTable {
  const found = app?.manifest.tables.find((table) => table.name === name)
  if (found === undefined) throw fault('not_found')
  return found
}

/** What operators see of tables: rows of all owners and their versions, under the masks of `operators`. */
export function tableViews(needs: {
  /** The app that runs now; null without one. */
  readonly app: () => LoadedApp | null
  readonly tables: Tables
}): Pick<Handlers<typeof functions>, 'tables' | 'rows' | 'versions'> {
  const { tables } = needs
  const find = (name: string) => findTable(needs.app(), name)

  return {
    async tables({ actor }) {
      const tx = tables.begin({ tenant: actor.tenant })
      const [permitted, last] = await Promise.all([tables.permissions(actor.tenant), tx.snapshot()])
      tx.abort()
      const items = (needs.app()?.manifest.tables ?? []).map((table) => ({
        ...table,
        permitted: permitted.get(table.name) ?? table.permissions,
      }))
      return { items, last }
    },

    async rows({ actor, input }) {
      const { limit, cursor } = input
      const table = find(input.table)
      const masks = operatorMasks(table)
      const where = whereOf(input.where)
      const orderBy = orderOf(input.orderBy)
      for (const field of Object.keys(where)) masks.demand(field)
      if (orderBy !== undefined) masks.demand(orderBy.field)
      return readingTables(async () => {
        const tx = tables.begin({
          tenant: actor.tenant,
          ...asOf(cursor === undefined ? input.asOf : undefined),
        })
        const page = await tx.query(table.name, {
          where,
          limit,
          ...(masks.hidden.length === 0 ? {} : { blind: masks.hidden }),
          ...(orderBy === undefined ? {} : { orderBy }),
          ...(cursor === undefined ? {} : { cursor }),
        })
        const number = await tx.snapshot()
        tx.abort()
        return {
          items: page.rows.map(({ id, owner, txid, order, data }) => ({
            id,
            owner,
            number: txid,
            order,
            data: masks.shown(data),
          })),
          ...(page.cursor === undefined ? {} : { nextCursor: page.cursor }),
          number,
        }
      })
    },

    async versions({ actor, input }) {
      const { id, cursor, limit } = input
      const { name: table, masks } = find(input.table)
      const Cursor = VersionsCursor.extend({ table: z.literal(table), id: z.literal(id) })
      const page = cursor === undefined ? {} : { before: readCursor(Cursor, cursor).before }
      return readingTables(async () => {
        const found = await tables.versions(actor.tenant, table, id, { ...page, limit: limit + 1 })
        if (found.length === 0 && cursor === undefined) throw fault('not_found')
        const { shown } = operatorMasks({ masks })
        const versions = found.slice(0, limit)
        const last = found.length > limit ? versions.at(-1) : undefined
        return {
          items: versions.map((version) => ({
            number: version.txid,
            endedBy: version.endedBy,
            deleted: version.deleted === null ? null : committed(version.deleted),
            ...committed(version),
            owner: version.owner,
            data: shown(version.data),
          })),
          ...(last === undefined ? {} : { nextCursor: writeCursor({ table, id, before: last.txid }) }),
        }
      })
    },
  }
}

const committed = ({ at, principal, function: fn }: Committed) => ({
  at: at?.toISOString() ?? null,
  principal,
  function: fn,
})

function asOf(at: number | string | undefined): { at?: number | Date } {
  if (at === undefined) return {}
  return { at: typeof at === 'number' ? at : new Date(at) }
}
