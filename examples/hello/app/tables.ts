import { masked, perms, table } from '@quarterdeck/sdk/functions'
import { z } from 'zod'

export const State = z.enum(['open', 'doing', 'done'])
export const Priority = z.enum(['low', 'normal', 'high'])

/** Who is at the desk. The id of a row is the principal of its credential. */
export const people = table('people', {
  schema: z.object({ name: z.string().min(1).max(80), role: z.enum(['member', 'lead']) }),
  rows: 'shared',
  indexes: { byName: { on: ['name'], unique: true } },
})

export const tickets = table('tickets', {
  schema: z.object({
    number: z.number().int(),
    title: z.string().min(1).max(120),
    body: z.string().max(4_000).default(''),
    state: State.default('open'),
    priority: Priority.default('normal'),
    opener: z.string(),
    assignee: z.string().nullable().default(null),
    comments: z.number().int().default(0),
    /** ISO instants. */
    openedAt: z.string(),
    changedAt: z.string(),
    /** What it cost, in whole euros: for leads to see and to say. */
    cost: masked(z.number().int().min(0).optional(), perms.___, { lead: perms.RW_, operators: perms.R__ }),
  }),
  rows: 'shared',
  indexes: { byState: { on: ['state', 'changedAt'] }, byNumber: { on: ['number'], unique: true } },
})

export const comments = table('comments', {
  schema: z.object({
    ticket: z.string(),
    author: z.string(),
    text: z.string().min(1).max(4_000),
    at: z.string(),
  }),
  rows: 'shared',
  indexes: { byTicket: { on: ['ticket', 'at'] } },
})

/** What somebody notes about a ticket: rows are their maker's own, and exist for nobody else. */
export const notes = table('notes', {
  schema: z.object({ ticket: z.string(), text: z.string().max(4_000) }),
  rows: 'own',
  indexes: { byTicket: { on: ['ticket'] } },
})

/** Tickets that nobody has taken, in the order they came: taken from the front. */
export const inbox = table('inbox', { schema: z.object({ ticket: z.string() }), rows: 'shared' })

export const counters = table('counters', { schema: z.object({ last: z.number().int() }), rows: 'shared' })

// What types `ctx.tables` in functions.
declare module '@quarterdeck/sdk/functions' {
  interface Register {
    tables: typeof import('./tables.ts')
  }
}
