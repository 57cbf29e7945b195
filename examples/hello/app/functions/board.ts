import { backend, fault, http, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'

const reading = { egroup: 'desk', perm: perms.R__ } as const

/** The board: each column with its tickets, those that changed last on top. Live. */
export const board = backend({ ...reading, live: true }, async (ctx) => {
  const column = async (state: 'open' | 'doing' | 'done', limit: number) => {
    const query = { where: { state }, orderBy: { field: 'changedAt', direction: 'desc' }, limit } as const
    return (await ctx.tables.tickets.query(query)).rows.map(({ body: _, ...ticket }) => ticket)
  }
  return {
    open: await column('open', 200),
    doing: await column('doing', 200),
    done: await column('done', 30),
  }
})

/** One ticket with what was said about it, and what the caller noted; null when there is none. Live. */
export const ticket = backend({ ...reading, args: [z.string()], live: true }, async (ctx, id) => {
  const found = await ctx.tables.tickets.get(id)
  if (found === null) return null
  const comments = await ctx.tables.comments.query({ where: { ticket: id }, orderBy: 'at', limit: 500 })
  const notes = await ctx.tables.notes.query({ where: { ticket: id }, limit: 1 })
  return { ...found, thread: comments.rows, note: notes.rows[0]?.text ?? '' }
})

/** Everybody at the desk, by name. Live. */
export const people = backend({ ...reading, live: true }, async (ctx) => {
  return (await ctx.tables.people.query({ orderBy: 'name' })).rows
})

/** The ticket as it was at an instant, as far back as the history is kept. */
export const ticketAt = backend({ ...reading, args: [z.string(), z.date()] }, async (ctx, id, when) => {
  const found = await ctx.tables.at(when).tickets.get(id)
  if (found === null) throw fault('not_found', 'There was no such ticket then')
  return found
})

/** Open and current tickets as a sheet, answered as it is. */
export const sheet = backend(reading, async (ctx) => {
  const rows = [['number', 'title', 'state', 'priority', 'assignee', 'opened']]
  for await (const one of ctx.tables.tickets)
    if (one.state !== 'done')
      rows.push([`${one.number}`, one.title, one.state, one.priority, one.assignee ?? '', one.openedAt])
  const text = rows.map((row) => row.map(cell).join(',')).join('\r\n')
  return http(200, `${text}\r\n`, { 'content-type': 'text/csv; charset=utf-8' })
})

/** A cell of RFC 4180; what a spreadsheet would take for a formula is text. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}
