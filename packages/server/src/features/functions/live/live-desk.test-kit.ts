import { fault } from '@quarterdeck/sdk/errors'
import { backend, type Context } from '@quarterdeck/sdk/functions'
import { app } from '@quarterdeck/sdk/functions/app'
import { masked } from '@quarterdeck/sdk/functions/masked'
import { perms } from '@quarterdeck/sdk/functions/perms'
import { table } from '@quarterdeck/sdk/functions/table'
import { z } from 'zod'
import { loadedAppOf } from '../app.test-kit.ts'
import type { LoadedApp } from '../loaded-app.ts'

const read = { perm: perms.R__, egroup: 'desk', live: true } as const
const use = (ctx: Context, name: string) => {
  const found = ctx.tables[name]
  if (found === undefined) throw new Error(`there is no table ${name}`)
  return found
}
/** What its board does beside its work. */
export interface DeskState {
  broken: boolean
  /** What it waits for before it reads. */
  gate: Promise<void>
}

/** An app of tickets that all share and notes that are their owners', with queries of each kind. */
export const deskOf = (state: DeskState): LoadedApp =>
  loadedAppOf({
    app: app({
      groups: {
        member: { endpoints: { desk: perms.R__ }, tables: { tickets: perms.RW_, notes: perms.RWX } },
        other: { endpoints: { desk: perms.R__ }, tables: { tickets: perms.RW_ } },
        lead: { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } },
      },
    }),
    tables: [
      table('tickets', {
        schema: z.object({
          title: z.string(),
          state: z.enum(['open', 'done']).default('open'),
          cost: masked(z.number().optional(), 0, { lead: perms.RW_ }),
        }),
        rows: 'shared',
        indexes: { byState: { on: ['state', 'title'] } },
      }),
      table('notes', { schema: z.object({ text: z.string() }) }),
    ],
    functions: {
      board: backend({ ...read, args: [z.enum(['open', 'done'])] }, async (ctx, wanted) => {
        await state.gate
        if (state.broken) throw fault('invalid', 'broken')
        const { rows } = await use(ctx, 'tickets').query({
          where: { state: wanted },
          orderBy: 'title',
          limit: 3,
        })
        return rows
      }),
      one: backend({ ...read, args: [z.string()] }, async (ctx, id) => use(ctx, 'tickets').get(id)),
      mine: backend({ ...read }, async (ctx) => (await use(ctx, 'notes').query({})).rows),
      // It asks who calls only once there is something to ask about.
      whose: backend({ ...read }, async (ctx) => {
        const row = await use(ctx, 'tickets').get('asked')
        return row === null ? 'nobody asked' : `asked by ${ctx.actor.principal}`
      }),
      nothing: backend({ ...read }, async () => undefined),
      dead: backend({ perm: perms.R__, egroup: 'desk' }, async () => 1),
      hidden: backend({ ...read, internal: true }, async () => 1),
    },
  })
