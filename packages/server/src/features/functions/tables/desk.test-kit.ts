import { app, backend, type Context, masked, perms, table } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
import { loadedAppOf } from '../app.test-kit.ts'
import { member, runtimeOf, standingClock } from '../runtime.test-kit.ts'

export const ann = member('ann', 'member')
export const bob = member('bob', 'member')
export const chief = member('chief', 'lead')

const tickets = table('tickets', {
  schema: z.object({
    title: z.string().max(20),
    state: z.enum(['open', 'done']).default('open'),
    cost: masked(z.number().optional(), 0, { lead: perms.RW_ }),
    price: masked(z.number().optional(), perms.R__),
    vote: masked(z.number().optional(), perms._W_),
    contact: z
      .object({ name: z.string(), phone: masked(z.string().optional(), 0, { lead: perms.RW_ }) })
      .optional(),
  }),
  rows: 'shared',
  indexes: {
    byState: { on: ['state', 'title'] },
    byCost: { on: ['cost'] },
    byPhone: { on: ['contact.phone'] },
  },
})
const bids = table('bids', {
  schema: z.object({ lot: z.string(), sum: masked(z.number(), perms._W_, { lead: perms.RW_ }) }),
  rows: 'shared',
  indexes: { bySum: { on: ['lot', 'sum'] } },
})
const mine = table('mine', { schema: z.object({ text: z.string() }), indexes: { byText: { on: ['text'] } } })
const rich = table('rich', {
  schema: z.object({ at: z.date(), big: z.bigint(), bytes: z.instanceof(Uint8Array).optional() }).strict(),
  rows: 'shared',
})
const loose = table('loose', { schema: z.object({ a: z.number().optional() }).loose(), rows: 'shared' })

export type Body = (ctx: Context) => unknown

/** An app of a few tables, with functions that do whatever a test wants done. */
export function deskOf(engines: (now: () => number) => Parameters<typeof runtimeOf>[1]) {
  const clock = standingClock()
  const { tables, keep } = engines(clock.now)
  let body: Body = () => undefined
  const functions = {
    act: backend({ perm: perms.RWX }, (ctx) => body(ctx)),
    look: backend({ perm: perms.R__ }, (ctx) => body(ctx)),
    lent: backend({ perm: perms.RWX, elevate: { mine: perms.RWX, tickets: perms.RWX } }, (ctx) => body(ctx)),
    lentReading: backend({ perm: perms.RWX, elevate: { mine: perms.R__ } }, (ctx) => body(ctx)),
  }
  const all = { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } }
  const groups = {
    member: all,
    lead: all,
    none: { endpoints: all.endpoints },
    writer: { ...all, tables: { '*': perms._W_ } },
  }
  const loaded = loadedAppOf({ app: app({ groups }), tables: [tickets, bids, mine, rich, loose], functions })
  const runtime = runtimeOf(loaded, { tables, keep }, { clock })
  const act = (caller: Parameters<typeof runtime.tell>[0], what: Body, fn = 'act') => {
    body = what
    return runtime.tell(caller, fn)
  }
  return { ...runtime, tables, act }
}
