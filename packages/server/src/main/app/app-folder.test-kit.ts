import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const made: string[] = []

/** A small app: one table, two functions over it, and words that both import. */
export const small = {
  'app.ts': `
import { app, perms } from '@quarterdeck/sdk/functions'
export default app({ groups: { services: { endpoints: { desk: perms.RW_ }, tables: { tickets: perms.RW_ } } } })
`,
  'tables.ts': `
import { perms, masked, table } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
export const tickets = table('tickets', {
  schema: z.object({ title: z.string(), cost: masked(z.number().optional(), 0, { lead: perms.RW_ }) }),
  rows: 'shared',
  indexes: { byTitle: { on: ['title'], unique: true } },
})
declare module '@quarterdeck/sdk/functions' { interface Register { tables: typeof import('./tables.ts') } }
`,
  'words.ts': `export const prefix: string = 'ticket: '\n`,
  'functions/desk.ts': `
import { backend, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
import { prefix } from '../words.ts'
export const openTicket = backend(
  { args: [z.string()], result: z.string(), perm: perms._W_, egroup: 'desk' },
  async (ctx, title) => ctx.tables.tickets.push({ title: prefix + title }),
)
export const board = backend(
  { perm: perms.R__, egroup: 'desk', live: true },
  async (ctx) => (await ctx.tables.tickets.query({ orderBy: 'title' })).rows,
)
`,
  'functions/inner/more.ts': `
import { backend, perms } from '@quarterdeck/sdk/functions'
import { openTicket } from '../desk.ts'
export const openTwo = backend({ perm: perms._W_, egroup: 'desk', internal: true }, async (ctx) =>
  [await ctx.call(openTicket, 'one'), await ctx.call(openTicket, 'two')])
`,
}

/** Files of an app by their paths; a file that is undefined is left out. */
export type AppSources = Readonly<Record<string, string | undefined>>

/** Writes an app into a new folder. `deep` lies further from the root than others do. */
export function writeApp(sources: AppSources, deep = ''): string {
  const root = mkdtempSync(join(tmpdir(), 'quarterdeck-app-'))
  made.push(root)
  const folder = join(root, deep, 'app')
  for (const [path, text] of Object.entries(sources)) {
    if (text === undefined) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** One function with these options, as a source. */
export function functionSource(name: string, options: string): string {
  return `
import { backend, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
export const ${name} = backend({ ${options} } as never, async () => [perms, z].length)
`
}

/** Gives an app the repository's installed packages, for what reads types. */
export function linkPackages(folder: string): void {
  symlinkSync(join(import.meta.dirname, '../../../../../node_modules'), join(folder, 'node_modules'))
}

/** Takes away every folder that was written. */
export function removeApps(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
}
