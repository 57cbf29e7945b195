import { masked, perms, table } from '@quarterdeck/sdk/functions'
import { z } from 'zod'

export const counters = table('counters', { schema: z.object({ n: z.number().int() }), rows: 'shared' })

export const notes = table('notes', { schema: z.object({ text: z.string() }) })

export const accounts = table('accounts', {
  schema: z.object({
    name: z.string(),
    state: z.enum(['open', 'closed']).default('open'),
    balance: masked(z.number().default(0), perms.___, { services: perms.RW_, operators: perms.R__ }),
  }),
  rows: 'shared',
  indexes: { byState: { on: ['state', 'name'] }, byName: { on: ['name'], unique: true } },
})
