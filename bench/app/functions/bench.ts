import { backend, fault, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'

export const greet = backend({ args: [z.string()], perm: perms.R__ }, (_ctx, name) => ({
  hello: name,
}))

/** Two reads and one write in one transaction. */
export const draw = backend(
  { args: [z.string(), z.string()], perm: perms.RW_, retry: 5 },
  async (ctx, from, to) => {
    const { accounts } = ctx.tables
    const [source, target] = [await accounts?.get(from), await accounts?.get(to)]
    if (source === null || target === null) throw fault('not_found')
    const balance = Number(target?.balance) + 1
    await accounts?.set(to, { name: String(target?.name), balance })
    return { balance }
  },
)

export const fill = backend(
  { args: [z.number().int(), z.number().int()], perm: perms._W_ },
  async (ctx, from, to) => {
    for (let n = from; n < to; n += 1)
      await ctx.tables.accounts?.set(`a${n}`, { name: `n${n % 10}`, balance: n })
  },
)

export const named = backend(
  { args: [z.string()], perm: perms.R__, live: true },
  async (ctx, name) => (await ctx.tables.accounts?.query({ where: { name }, limit: 10 }))?.rows,
)
