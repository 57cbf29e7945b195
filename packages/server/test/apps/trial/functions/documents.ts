import { backend, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'

export const increment = backend({ args: [z.string()], perm: perms.RW_, retry: 5 }, async (ctx, id) => {
  const now = await ctx.tables.counters?.get(id)
  const n = Number(now?.n ?? 0) + 1
  await ctx.tables.counters?.set(id, { n })
  return n
})
export const count = backend({ args: [z.string()], perm: perms.R__, live: true }, async (ctx, id) =>
  Number((await ctx.tables.counters?.get(id))?.n ?? 0),
)
export const countAt = backend({ args: [z.string(), z.number()], perm: perms.R__ }, async (ctx, id, at) => {
  return Number((await ctx.tables.at(at).counters?.get(id))?.n ?? 0)
})
export const note = backend({ args: [z.string()], perm: perms.RW_ }, async (ctx, text) =>
  ctx.tables.notes?.push({ text }),
)
export const notes = backend({ perm: perms.R__, live: true }, async (ctx) =>
  (await ctx.tables.notes?.query())?.rows.map(({ text }) => text),
)
export const openAccount = backend(
  { args: [z.string(), z.number()], perm: perms.RW_ },
  async (ctx, name, balance) => ctx.tables.accounts?.push({ name, balance }),
)
export const closeAccount = backend({ args: [z.string()], perm: perms._W_ }, async (ctx, id) => {
  await ctx.tables.accounts?.update(id, { state: 'closed' })
})
/** Closes an account unless it is the last one that is open. */
export const closeUnlessLast = backend({ args: [z.string()], perm: perms.RW_ }, async (ctx, id) => {
  const open = (await ctx.tables.accounts?.query({ where: { state: 'open' } }))?.rows ?? []
  if (open.length > 1) await ctx.tables.accounts?.update(id, { state: 'closed' })
  return open.length
})
export const accounts = backend(
  { args: [z.enum(['open', 'closed'])], perm: perms.R__, live: true },
  async (ctx, state) => (await ctx.tables.accounts?.query({ where: { state }, orderBy: 'name' }))?.rows,
)
export const removeCounter = backend({ args: [z.string()], perm: perms.R_X }, async (ctx, id) =>
  ctx.tables.counters?.delete(id),
)
