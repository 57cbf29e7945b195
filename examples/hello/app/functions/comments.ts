import { backend, fault, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'

/** Says something about a ticket, for everybody to read. */
export const comment = backend(
  { egroup: 'desk', perm: perms.RW_, args: [z.string(), z.string().trim().min(1).max(4_000)] },
  async (ctx, ticket, text) => {
    const about = await ctx.tables.tickets.get(ticket)
    if (about === null) throw fault('not_found', 'There is no such ticket')
    const at = ctx.now().toISOString()
    await ctx.tables.comments.push({ ticket, author: ctx.actor.principal, text, at })
    await ctx.tables.tickets.update(ticket, { comments: about.comments + 1, changedAt: at })
  },
)

/** Notes something that nobody else can read. */
export const saveNote = backend(
  { egroup: 'desk', perm: perms.RW_, args: [z.string(), z.string().max(4_000)] },
  async (ctx, ticket, text) => {
    const { rows } = await ctx.tables.notes.query({ where: { ticket }, limit: 1 })
    const [mine] = rows
    if (mine === undefined) await ctx.tables.notes.push({ ticket, text })
    else await ctx.tables.notes.set(mine.id, { ticket, text })
  },
)
