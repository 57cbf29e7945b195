import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type AppSources, functionSource, removeApps, small, writeApp } from './app-folder.test-kit.ts'
import { buildApp } from './build-app.ts'
import { BuildRefused } from './build-refused.ts'

afterAll(removeApps)

const build = (folder: string) => buildApp({ folder, out: join(folder, 'dist') })
const built = (sources: AppSources, deep?: string) => build(writeApp(sources, deep))

/** Every file of a folder with its text. */
function textsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  const paths = files.map((one) => join(one.parentPath, one.name)).sort()
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]))
}

/** Why an app is refused. */
async function problemsOf(sources: AppSources): Promise<readonly string[]> {
  const refused = await built(sources).catch((error: unknown) => error)
  if (!(refused instanceof BuildRefused)) throw new Error('it was built')
  return refused.problems
}

describe('an app that is built', () => {
  it('is the same in every byte wherever its folder lies', async () => {
    const one = await built(small)
    const other = await built(small, 'a/much/deeper/place')
    expect(other.manifest.digest).toBe(one.manifest.digest)
    const texts = textsOf(one.out)
    expect(textsOf(other.out)).toEqual(texts)
    expect(Object.keys(texts)).toEqual(
      expect.arrayContaining(['server.js', 'server/routes.js', 'client/index.js', 'client/index.d.ts']),
    )
    expect(Object.values(texts).join('\n')).not.toMatch(/quarterdeck-app-|\/node_modules\/|\/packages\//)
  })

  it('tells functions with their defaults, what they take, tables, groups and migrations', async () => {
    const { manifest, warnings } = await built({
      ...small,
      'migrations/0001_begin.ts': '// breaking\nexport async function up() {}\n',
    })
    expect(warnings).toEqual([])
    expect(manifest.functions.map(({ name }) => name)).toEqual(['board', 'openTicket', 'openTwo'])
    expect(manifest.functions[1]).toMatchObject({
      file: 'functions/desk.ts',
      perm: 2,
      ugroup: null,
      egroup: 'desk',
      isolation: 'snapshot',
      retry: 3,
      deadlineMs: 10_000,
      live: false,
      internal: false,
      cron: null,
      elevate: {},
      args: [{ type: 'string' }],
      result: { type: 'string' },
    })
    expect(manifest.tables).toMatchObject([
      { name: 'tickets', rows: 'shared', permissions: 7, masks: [{ path: 'cost', groups: { lead: 6 } }] },
    ])
    expect(manifest.groups).toEqual({ services: { endpoints: { desk: 6 }, tables: { tickets: 6 } } })
    expect(manifest.migrations).toMatchObject([{ id: '0001_begin', breaking: true }])
  })

  it('draws what JSON has no word for as it is sent', async () => {
    const options = 'perm: 4, args: [z.bigint(), z.date(), z.instanceof(Uint8Array)]'
    const { manifest } = await built({ ...small, 'functions/x.ts': functionSource('x', options) })
    expect(manifest.functions.find(({ name }) => name === 'x')?.args).toMatchObject([
      { type: 'string', pattern: '^-?[0-9]+$' },
      { type: 'string', format: 'date-time' },
      {},
    ])
  })

  it('gives a function another hash when what it imports changes, and no other function', async () => {
    const before = await built({ ...small, 'functions/x.ts': functionSource('x', 'perm: 4') })
    const after = await built({
      ...small,
      'functions/x.ts': functionSource('x', 'perm: 4'),
      'words.ts': `export const prefix: string = 'task: '\n`,
    })
    const hashes = ({ manifest }: typeof before) =>
      Object.fromEntries(manifest.functions.map(({ name, hash }) => [name, hash]))
    const [old, now] = [hashes(before), hashes(after)]
    expect(now.openTicket).not.toBe(old.openTicket)
    expect(now.openTwo).not.toBe(old.openTwo)
    expect(now.x).toBe(old.x)
    expect(after.manifest.digest).not.toBe(before.manifest.digest)
  })

  it('hashes what a link leads to', async () => {
    const folder = writeApp({ ...small, 'elsewhere/x.ts': functionSource('x', 'perm: 4') })
    symlinkSync('../elsewhere/x.ts', join(folder, 'functions/x.ts'))
    symlinkSync('.', join(folder, 'functions/again'))
    const { manifest } = await build(folder)
    expect(manifest.functions.map(({ name }) => name)).toEqual(['board', 'openTicket', 'openTwo', 'x'])
    expect(new Set(manifest.functions.map(({ hash }) => hash)).size).toBe(3)
  })

  it('replaces its own output, and nothing that is none', async () => {
    const folder = writeApp(small)
    await build(folder)
    await build(folder)
    writeFileSync(join(folder, 'words.ts'), `export const prefix = 'kept'\n`)
    await expect(buildApp({ folder, out: folder })).rejects.toThrow(/would be lost/)
    expect(readFileSync(join(folder, 'words.ts'), 'utf8')).toContain('kept')
  })

  it('has a client that names public functions and carries none of their code', async () => {
    const { out } = await built(small)
    const text = readFileSync(join(out, 'client/index.js'), 'utf8')
    const { app } = (await import(join(out, 'client/index.js'))) as { app: unknown }
    expect(app).toEqual({
      functions: { board: { writes: false, live: true }, openTicket: { writes: true, live: false } },
    })
    expect(text).not.toMatch(/ticket: |import/)
  })
})

describe('a module of functions that does not load', () => {
  it.each([
    ['throws', `if (Date.now() > 0) throw new TypeError('no luck')\n`, /TypeError: no luck/],
    ['cannot be read', 'export const = 3\n', /functions\/bad\.ts:\d+/],
    ['imports what is not there', `import x from 'no-such-package'\nexport const y = x\n`, /no-such-package/],
    [
      'ends the process',
      `(globalThis as never as { process: { exit(code: number): void } }).process.exit(3)\n`,
      /ended the process/,
    ],
    ['waits for what never comes', 'await new Promise(() => {})\n', /ended the process/],
  ])('and %s fails its own functions only', async (_how, text, message) => {
    const { manifest, warnings } = await built({
      ...small,
      'functions/bad.ts': `${text}${functionSource('bad', 'perm: 4')}`,
    })
    expect(manifest.functions.map(({ name }) => name)).toEqual(['board', 'openTicket', 'openTwo'])
    expect(manifest.failed).toMatchObject([
      { file: 'functions/bad.ts', message: expect.stringMatching(message) },
    ])
    expect(warnings.join()).toContain('functions/bad.ts')
    expect(Object.keys(manifest.files)).not.toContain('server/functions/bad.js')
  })

  it('finds no settings, and may read nothing of the machine', async () => {
    process.env.CONSOLE_SECRET_OF_TEST = 'canary'
    const text = `
type Of = { process: { env: Record<string, string>, getBuiltinModule(name: string): any } }
const { process } = globalThis as never as Of
const names = Object.keys(process.env).filter((name) => name !== 'PATH')
let read = 'read'
try { process.getBuiltinModule('fs').readFileSync('/etc/passwd') } catch (error) { read = (error as { code: string }).code }
throw new Error('[' + names.join() + '] ' + read)
`
    const { manifest } = await built({ ...small, 'functions/bad.ts': text })
    delete process.env.CONSOLE_SECRET_OF_TEST
    expect(manifest.failed[0]?.message).toBe('Error: [] ERR_ACCESS_DENIED')
  })
})

describe('what is wrong with an app', () => {
  const wrong = (options: string, name = 'x') =>
    problemsOf({ ...small, 'functions/x.ts': functionSource(name, options) })

  it.each([
    ['retry: 1', 'perm is missing'],
    ['perm: 8', 'perm'],
    ['perm: perms._W_, live: true', 'live is for functions that do not write'],
    ['perm: perms.R__, live: true, internal: true', 'live cannot be internal'],
    ['perm: perms._W_, cron: "every day"', 'five fields'],
    ['perm: perms._W_, cron: "0 0 * * *", args: [z.string()]', 'without arguments'],
    ['perm: perms.R__, retry: 6', 'retry is to be a whole number, 0 to 5'],
    ['perm: perms.R__, deadlineMs: 300_001', 'deadlineMs is to be a whole number, 1 to 300000'],
    ['perm: perms.R__, isolation: "loose"', 'isolation is to be'],
    ['perm: perms._W_, elevate: { nothing: perms.RW_ }', 'there is no table nothing'],
    ['perm: perms.R__, elevate: { tickets: perms.RW_ }', 'lends writing to a function that cannot write'],
    ['perm: perms.R__, egroup: "*"', 'egroup cannot be *'],
    ['perm: perms.R__, retries: 1', 'there is no option retries'],
    ['perm: perms.R__, args: ["text"]', 'args[0] is no zod schema'],
  ])('is told of { %s }', async (options, message) => {
    const problems = await wrong(options)
    expect(problems).toEqual([expect.stringContaining(message)])
    expect(problems[0]).toMatch(/^functions\/x\.ts: x: /)
  })

  it.each(['then', 'constructor', '_x', `x${'y'.repeat(64)}`])('is a function named %s', async (name) => {
    expect(await wrong('perm: 4', name)).toEqual([expect.stringContaining(`functions/x.ts: ${name}: `)])
  })

  it('are two functions of one name, told with both files', async () => {
    const [problem] = await problemsOf({ ...small, 'functions/x.ts': functionSource('board', 'perm: 4') })
    expect(problem).toMatch(/board .*functions\/desk\.ts.*functions\/x\.ts/)
  })

  it('are names that are equal but for case, told with both files', async () => {
    const [problem] = await problemsOf({
      ...small,
      'functions/x.ts': functionSource('openTICKET', 'perm: 4'),
    })
    expect(problem).toMatch(/functions\/desk\.ts.*functions\/x\.ts are equal but for case/)
  })

  it('is told all at once', async () => {
    const problems = await problemsOf({
      ...small,
      'functions/x.ts':
        functionSource('x', 'retry: 9') +
        functionSource('y', 'perm: 2, live: true').split('zod')[1]?.slice(1),
      'functions/z.ts': functionSource('board', 'perm: 4'),
    })
    expect(problems).toHaveLength(4)
  })

  it.each([
    [
      'a table name',
      { 'tables.ts': small['tables.ts'].replace(`table('tickets'`, `table('Tickets'`) },
      'no name of a table',
    ],
    [
      'an index',
      { 'tables.ts': small['tables.ts'].replace(`on: ['title']`, `on: ['titel']`) },
      'there is no field titel',
    ],
    [
      'permissions',
      { 'tables.ts': small['tables.ts'].replace(`rows:`, `permissions: 9 as never, rows:`) },
      'permissions',
    ],
    ['no app.ts', { 'app.ts': undefined }, 'app.ts'],
    ['an app.ts that gives none', { 'app.ts': 'export const x = 1\n' }, 'app({ … })'],
    [
      'bits of a group',
      { 'app.ts': small['app.ts'].replace('desk: perms.RW_', 'desk: 12 as never') },
      'group services: endpoints desk',
    ],
    [
      'a middleware',
      { 'app.ts': small['app.ts'].replace('app({', 'app({ middleware: [{} as never],') },
      'middleware[0]: fn',
    ],
    ['a migration’s name', { 'migrations/first.ts': 'export const up = () => {}' }, 'NNNN_words'],
    ['a migration without up', { 'migrations/0001_x.ts': 'export const down = () => {}' }, 'no function up'],
    [
      'a module of Node',
      { 'words.ts': `import { sep } from 'node:path'\nexport const prefix = sep\n` },
      'words.ts: imports node:path',
    ],
  ])('is %s', async (_what, sources, message) => {
    expect(await problemsOf({ ...small, ...sources })).toEqual([expect.stringContaining(message)])
  })

  it('is nothing that a group holds too much, but a warning', async () => {
    const { warnings } = await built({ ...small, 'app.ts': small['app.ts'].replace('tickets:', 'tikets:') })
    expect(warnings).toEqual([expect.stringContaining('tables.tikets')])
  })
})
