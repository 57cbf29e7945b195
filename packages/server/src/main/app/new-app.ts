import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { version } from '../version.ts'

const appSource = `import { app, perms } from '@quarterdeck/sdk/functions'

// What groups hold; '*' stands for each. Groups come from a caller's credential; 'services' are programs with a
// token of this server, and 'operators' its people. What is not said here nobody holds: a function that names no
// \`egroup\` is in 'default', and a group needs bits on that to call it.
export default app({
  middleware: [],
  groups: {
    member: { endpoints: { desk: perms.RW_ }, tables: { tickets: perms.RW_ } },
    lead: { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } },
    services: { endpoints: { desk: perms.RW_ }, tables: { tickets: perms.RW_ } },
    operators: { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } },
  },
})
`

const tablesSource = `import { masked, perms, table } from '@quarterdeck/sdk/functions'
import { z } from 'zod'

export const tickets = table('tickets', {
  schema: z.object({
    title: z.string(),
    state: z.enum(['open', 'done']).default('open'),
    // Bits for all; for groups.
    cost: masked(z.number().optional(), 0, { lead: perms.RW_ }),
  }),
  rows: 'shared',
  indexes: { byState: { on: ['state', 'title'] } },
})

// What types \`ctx.tables\` in functions.
declare module '@quarterdeck/sdk/functions' { interface Register { tables: typeof import('./tables.ts') } }
`

const deskSource = `import { backend, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'

export const openTicket = backend(
  { args: [z.string()], result: z.string(), perm: perms._W_, egroup: 'desk' },
  async (ctx, title) => ctx.tables.tickets.push({ title }), // its id
)

export const board = backend(
  { args: [z.enum(['open', 'done'])], perm: perms.R__, egroup: 'desk', live: true },
  async (ctx, state) => (await ctx.tables.tickets.query({ where: { state }, orderBy: 'title' })).rows,
)
`

const compilerOptions = {
  target: 'ES2024',
  lib: ['ES2024', 'DOM'],
  module: 'NodeNext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
}

const Own = z.object({ dependencies: z.object({ zod: z.string() }) })

/** The files of a new app: one table and two functions over it. */
function filesOf(name: string): Readonly<Record<string, string>> {
  const own = Own.parse(JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')))
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
  return {
    'app.ts': appSource,
    'tables.ts': tablesSource,
    'functions/desk.ts': deskSource,
    'migrations/.gitkeep': '',
    'package.json': json({
      name,
      private: true,
      type: 'module',
      scripts: {
        dev: 'quarterdeck dev',
        build: 'quarterdeck build',
        check: 'tsc',
        start: 'CONSOLE_APP=dist quarterdeck serve',
      },
      dependencies: { '@quarterdeck/sdk': version, quarterdeck: version, zod: own.dependencies.zod },
      devDependencies: { typescript: '7.0.2' },
    }),
    'tsconfig.json': json({ compilerOptions, include: ['*.ts', 'functions', 'migrations'] }),
    '.gitignore': 'node_modules/\ndist/\ndist.*/\n.quarterdeck/\n',
  }
}

/** Writes a new app into a folder that is empty or not there; answers what it wrote. Throws for one that holds anything. */
export function writeNewApp(folder: string): readonly string[] {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`${folder} is not empty; an app begins in a folder of its own`)
  const name = basename(resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  const files = Object.entries(filesOf(name === '' ? 'app' : name))
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, { flag: 'wx' })
  }
  return files.map(([path]) => path)
}
