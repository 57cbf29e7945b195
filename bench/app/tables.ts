import { table } from '@quarterdeck/sdk/functions'
import { z } from 'zod'

/** What is moved between: two accounts are read, one of them is written. */
export const accounts = table('accounts', {
  schema: z.object({ name: z.string(), balance: z.number().int() }),
  rows: 'shared',
  indexes: { byName: { on: ['name'] } },
})
