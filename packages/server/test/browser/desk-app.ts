import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Text that would do harm if any of it were more than text. */
export const hostileText = '<img src=x onerror="window.ran = 1"><script>window.ran = 1</script>'

const sources: Readonly<Record<string, string>> = {
  'app.ts': `
import { app, perms } from '@quarterdeck/sdk/functions'
export default app({ groups: {
  services: { endpoints: { desk: perms.RW_ }, tables: { tickets: perms.RW_ } },
  operators: { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } },
} })
`,
  'tables.ts': `
import { masked, perms, table } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
export const tickets = table('tickets', {
  schema: z.object({
    title: z.string(),
    state: z.enum(['open', 'done']).default('open'),
    note: z.string().optional(),
    place: z.object({ room: z.string(), floor: z.int().optional() }).optional(),
    cost: masked(z.number().optional(), 0, { lead: perms.RW_ }),
  }),
  rows: 'shared',
  indexes: { byState: { on: ['state', 'title'] } },
})
export const notes = table('notes', { schema: z.object({ text: z.string() }) })
`,
  'functions/desk.ts': `
import { backend, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
const place = z.object({ room: z.string(), floor: z.int().optional() })
export const openTicket = backend(
  { args: [z.string().min(1), z.object({ note: z.string().optional(), place: place.optional() })],
    result: z.string(), perm: perms._W_, egroup: 'desk' },
  async (ctx, title, more) => ctx.tables.tickets.push({ title, ...more }),
)
export const closeTicket = backend({ args: [z.string()], perm: perms._W_, egroup: 'desk' }, async (ctx, id) => {
  await ctx.tables.tickets.update(id, { state: 'done', note: undefined })
})
export const board = backend(
  { args: [z.enum(['open', 'done'])], perm: perms.R__, egroup: 'desk', live: true },
  async (ctx, state) => (await ctx.tables.tickets.query({ where: { state }, orderBy: 'title' })).rows,
)
export const purge = backend({ args: [z.string()], perm: perms.__X, egroup: 'desk' }, async (ctx, id) =>
  ctx.tables.tickets.delete(id))
export const nightly = backend({ perm: perms.R__, cron: '0 3 * * *' }, async () => null)
`,
  'functions/report.ts': `throw new Error(${JSON.stringify(hostileText)})\n`,
}

/** Writes an app of tickets into a folder, one of whose modules cannot be loaded. Answers the folder. */
export function writeDeskApp(folder: string): string {
  for (const [path, text] of Object.entries(sources)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
