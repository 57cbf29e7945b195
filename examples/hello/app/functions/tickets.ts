import { backend, fault, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
import { numberTicket } from '../number-ticket.ts'
import { Priority, State } from '../tables.ts'

const desk = { egroup: 'desk', perm: perms.RW_ } as const
const Id = z.string().min(1).max(128)

/** Opens a ticket under the next number. Two at once want the same number: one of them is run again. */
export const openTicket = backend(
  {
    ...desk,
    args: [
      z.object({
        title: z.string().trim().min(1).max(120),
        body: z.string().max(4_000).optional(),
        priority: Priority.optional(),
      }),
    ],
    retry: 5,
  },
  async (ctx, { title, body, priority }) => {
    const now = ctx.now().toISOString()
    const number = await numberTicket(ctx)
    const ticket = {
      number,
      title,
      opener: ctx.actor.principal,
      openedAt: now,
      changedAt: now,
      ...(body === undefined ? {} : { body }),
      ...(priority === undefined ? {} : { priority }),
    }
    const id = await ctx.tables.tickets.push(ticket)
    await ctx.tables.inbox.push({ ticket: id })
    ctx.log.info('a ticket was opened', { number })
    return { id, number }
  },
)

/** Hands a ticket to somebody, or to nobody. What is handed to somebody and was open is in hand. */
export const assign = backend({ ...desk, args: [Id, z.string().nullable()] }, async (ctx, id, person) => {
  if (person !== null && (await ctx.tables.people.get(person)) === null)
    throw fault('not_found', 'Nobody of this name is at the desk')
  const { state } = await ctx.tables.tickets.update(id, {
    assignee: person,
    changedAt: ctx.now().toISOString(),
  })
  if (person !== null && state === 'open') await ctx.tables.tickets.update(id, { state: 'doing' })
})

/** Moves a ticket into another column. */
export const move = backend({ ...desk, args: [Id, State] }, async (ctx, id, state) => {
  await ctx.tables.tickets.update(id, { state, changedAt: ctx.now().toISOString() })
})

/** Takes the ticket that has waited longest; null when none waits. Who takes at the same time takes another one. */
export const takeNext = backend({ ...desk, retry: 5 }, async (ctx) => {
  for (;;) {
    const waiting = await ctx.tables.inbox.shift()
    if (waiting === null) return null
    const ticket = await ctx.tables.tickets.get(waiting.ticket)
    if (ticket === null || ticket.state !== 'open' || ticket.assignee !== null) continue
    await ctx.tables.tickets.update(ticket.id, {
      state: 'doing',
      assignee: ctx.actor.principal,
      changedAt: ctx.now().toISOString(),
    })
    return { id: ticket.id, number: ticket.number }
  }
})

/** Says what a ticket cost. The field is masked: only leads may change it, whoever may call this. */
export const setCost = backend(
  { ...desk, ugroup: 'lead', args: [Id, z.number().int().min(0).max(1_000_000).nullable()] },
  async (ctx, id, cost) => {
    await ctx.tables.tickets.update(id, { cost: cost ?? undefined })
  },
)

/** Takes a ticket away with its comments; it takes the bit to delete. */
export const removeTicket = backend(
  { egroup: 'desk', perm: perms.RWX, ugroup: 'lead', args: [Id] },
  async (ctx, id) => {
    if ((await ctx.tables.tickets.get(id)) === null) throw fault('not_found', 'There is no such ticket')
    const { rows } = await ctx.tables.comments.query({ where: { ticket: id }, limit: 500 })
    for (const comment of rows) await ctx.tables.comments.delete(comment.id)
    await ctx.tables.tickets.delete(id)
  },
)
