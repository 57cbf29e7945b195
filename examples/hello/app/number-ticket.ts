import type { Context } from '@quarterdeck/sdk/functions'
import type {} from './tables.ts'

/** The number after the last one given. */
export async function numberTicket(ctx: Context): Promise<number> {
  const last = (await ctx.tables.counters.get('tickets'))?.last ?? 0
  await ctx.tables.counters.set('tickets', { last: last + 1 })
  return last + 1
}
