import { backend, perms } from '@quarterdeck/sdk/functions'
import { firstPeople } from '../first-people.ts'
import { firstTickets } from '../first-tickets.ts'
import { numberTicket } from '../number-ticket.ts'

const stale = 14 * 86_400_000

/** Every five minutes: closes what nobody has touched for two weeks, and says so. */
export const closeStale = backend(
  {
    perm: perms.RW_,
    cron: '*/5 * * * *',
    elevate: { tickets: perms.RW_, comments: perms.RW_ },
  },
  async (ctx) => {
    const at = ctx.now().toISOString()
    const before = new Date(ctx.now().getTime() - stale).toISOString()
    for (const state of ['open', 'doing'] as const) {
      const query = { where: { state, changedAt: { lt: before } }, limit: 100 }
      for (const { id, comments } of (await ctx.tables.tickets.query(query)).rows) {
        const text = 'Closed, as nothing has happened here for two weeks. Move it back if it still matters.'
        await ctx.tables.comments.push({ ticket: id, author: ctx.actor.principal, text, at })
        await ctx.tables.tickets.update(id, { state: 'done', comments: comments + 1, changedAt: at })
      }
    }
  },
)

/** Puts people and a few tickets on an empty desk; answers whether it was empty. For the program that serves the page. */
export const furnish = backend({ egroup: 'housekeeping', perm: perms.RWX }, async (ctx) => {
  if ((await ctx.tables.people.query({ limit: 1 })).rows.length > 0) return false
  for (const { id, ...person } of firstPeople) await ctx.tables.people.set(id, person)
  for (const { ago, said, ...ticket } of firstTickets) {
    const at = (minutes: number) => new Date(ctx.now().getTime() - minutes * 60_000).toISOString()
    const number = await numberTicket(ctx)
    const id = await ctx.tables.tickets.push({
      ...ticket,
      number,
      comments: said.length,
      openedAt: at(ago),
      changedAt: at(Math.min(ago, ...said.map((one) => one.ago))),
    })
    for (const one of said)
      await ctx.tables.comments.push({ ticket: id, author: one.author, text: one.text, at: at(one.ago) })
    if (ticket.state === 'open') await ctx.tables.inbox.push({ ticket: id })
  }
  return true
})
