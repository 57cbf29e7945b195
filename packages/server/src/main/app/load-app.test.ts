import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StartRefused } from '../../config/problem.ts'
import { removeApps, small, writeApp } from './app-folder.test-kit.ts'
import { buildApp } from './build-app.ts'
import { loadApp } from './load-app.ts'
import { openApp } from './open-app.ts'

// Each module of this app says in a list when it is loaded.
const marked = Object.fromEntries(
  Object.entries(small).map(([path, text]) => [path, `${text}\n${mark(path)}`]),
)
function mark(path: string): string {
  return `const seen = globalThis as { loadedOfTest?: string[] }\nif (seen.loadedOfTest) seen.loadedOfTest.push('${path}')\n`
}
const seen = globalThis as { loadedOfTest?: string[] }

let dist = ''
beforeAll(async () => {
  const folder = writeApp({ ...marked, 'migrations/0001_begin.ts': 'export async function up() {}\n' })
  dist = (await buildApp({ folder, out: join(folder, 'dist') })).out
})
afterAll(removeApps)

/** A copy of the built app to spoil. */
function copy(): string {
  const folder = join(writeApp({ 'empty.txt': '' }), 'dist')
  cpSync(dist, folder, { recursive: true })
  return folder
}

async function refusalOf(opening: Promise<unknown>): Promise<readonly string[]> {
  const error = await opening.catch((caught: unknown) => caught)
  if (!(error instanceof StartRefused)) throw new Error('it was taken in')
  return error.problems.map(({ code, detail }) => `${code} ${detail}`)
}

describe('a built app', () => {
  it('is taken in without loading a function; the first call of one loads its module, once', async () => {
    const folder = copy()
    seen.loadedOfTest = []
    const app = await loadApp(folder)
    expect([...seen.loadedOfTest].sort()).toEqual(['app.ts', 'tables.ts'])
    const board = await app.load('board')
    expect(board.options).toMatchObject({ perm: 4, live: true })
    expect(await app.load('board')).toBe(board)
    await app.load('openTicket')
    expect(seen.loadedOfTest).toContain('functions/desk.ts')
    expect(seen.loadedOfTest).not.toContain('functions/inner/more.ts')
    expect(new Set(seen.loadedOfTest).size).toBe(seen.loadedOfTest.length)
  })

  it('has groups, tables and migrations', async () => {
    const app = await loadApp(dist)
    expect(app.app.groups).toEqual({ services: { endpoints: { desk: 6 }, tables: { tickets: 6 } } })
    expect(app.tables.get('tickets')?.schema.safeParse({ title: 3 }).success).toBe(false)
    expect(await app.migration('0001_begin')).toBeTypeOf('function')
    await expect(app.migration('0002_more')).rejects.toThrow('no migration')
    await expect(app.load('toString')).rejects.toThrow('no function')
  })

  it('holds the same function whether it is asked for or imported by another', async () => {
    const app = await loadApp(copy())
    const called: unknown[] = []
    const { handler } = await app.load('openTwo')
    await handler({ call: async (fn: unknown) => void called.push(fn) } as never)
    expect(called).toHaveLength(2)
    expect(called[0]).toBe(await app.load('openTicket'))
  })

  it('is refused with each file that was changed or is gone', async () => {
    const folder = copy()
    writeFileSync(join(folder, 'server/functions/desk.js'), '// mine\n')
    rmSync(join(folder, 'client/index.js'))
    expect(await refusalOf(loadApp(folder))).toEqual([
      expect.stringMatching(/^app_changed client\/index\.js .*missing/),
      expect.stringMatching(/^app_changed server\/functions\/desk\.js .*changed/),
    ])
  })

  it('is refused when its manifest was changed', async () => {
    const folder = copy()
    const path = join(folder, 'manifest.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"perm": 2', '"perm": 0'))
    expect(await refusalOf(loadApp(folder))).toEqual([expect.stringMatching(/^app_changed manifest\.json/)])
    writeFileSync(path, '{}')
    expect(await refusalOf(loadApp(folder))).toEqual([expect.stringMatching(/^app_invalid/)])
    rmSync(path)
    expect(await refusalOf(loadApp(folder))).toEqual([
      expect.stringMatching(/^app_invalid .*quarterdeck build/),
    ])
  })

  it('runs no file that its manifest does not tell', async () => {
    const folder = writeApp({ 'app.ts': small['app.ts'] })
    const { out } = await buildApp({ folder, out: join(folder, 'dist') })
    writeFileSync(join(out, 'server/tables.js'), `throw new Error('it ran')\n`)
    expect((await loadApp(out)).tables.size).toBe(0)
  })

  it('runs nothing of another build that took its place', async () => {
    const folder = copy()
    const app = await loadApp(folder)
    const later = writeApp({ ...small, 'words.ts': `export const prefix = 'later: '\n` })
    await buildApp({ folder: later, out: folder })
    await expect(app.load('openTicket')).rejects.toThrow('not what the server started with')
  })
})

it('a module that fails when it is needed fails its own functions only', async () => {
  const folder = writeApp({
    ...small,
    // Fine where it was built, and not where it runs.
    'functions/late.ts': `${small['functions/desk.ts'].replace('openTicket', 'late').replace('board', 'later').replace('../words', '../words')}
if ((globalThis as { loadedOfTest?: unknown }).loadedOfTest !== undefined) throw new Error('no luck')\n`,
  })
  seen.loadedOfTest = []
  const app = await loadApp((await buildApp({ folder, out: join(folder, 'dist') })).out)
  await expect(app.load('late')).rejects.toThrow('no luck')
  await expect(app.load('later')).rejects.toThrow('no luck')
  expect((await app.load('board')).kind).toBe('function')
})

describe('the app of a server', () => {
  it('is none unless one is named', async () => {
    expect(await openApp({ app: null, mode: 'hosted', dataDir: 'none' })).toBeNull()
  })

  it('is built first where its sources are named, once for the same sources', async () => {
    const folder = writeApp(small)
    const dataDir = join(folder, '.quarterdeck')
    const app = await openApp({ app: folder, mode: 'local', dataDir })
    expect((await openApp({ app: folder, mode: 'local', dataDir }))?.manifest).toEqual(app?.manifest)
    expect(readdirSync(join(dataDir, 'app'))).toEqual([app?.manifest.digest.replace('sha256:', '')])
  })

  it('is kept with the four that were used before it', async () => {
    const dataDir = join(writeApp(small), 'data')
    const open = async (n: number) => {
      const folder = writeApp({ ...small, 'functions/more.ts': `export const n = ${n}` })
      return (await openApp({ app: folder, mode: 'local', dataDir }))?.manifest.digest.replace('sha256:', '')
    }
    const digests: (string | undefined)[] = []
    for (const n of [0, 1, 2, 3, 4, 0, 5]) digests.push(await open(n))
    const kept = [...new Set(digests)].filter((digest) => digest !== digests[1])
    expect(readdirSync(join(dataDir, 'app')).sort()).toEqual(kept.sort())
  })

  it('is refused with all that is wrong with its sources', async () => {
    const folder = writeApp({ ...small, 'functions/again.ts': small['functions/desk.ts'] })
    const opening = openApp({ app: folder, mode: 'local', dataDir: join(folder, 'data') })
    expect(await refusalOf(opening)).toEqual([
      expect.stringMatching(/^app_invalid board .*again\.ts.*desk\.ts/),
      expect.stringMatching(/^app_invalid openTicket .*again\.ts.*desk\.ts/),
    ])
  })

  it('is a built one where the server is hosted', async () => {
    const folder = writeApp(small)
    const hosted = (app: string) => openApp({ app, mode: 'hosted', dataDir: join(folder, 'data') })
    expect(await refusalOf(hosted(folder))).toEqual([expect.stringMatching(/^app_invalid .*sources/)])
    expect((await hosted(dist))?.manifest.functions).toHaveLength(3)
    expect(await refusalOf(hosted(join(folder, 'functions')))).toEqual([
      expect.stringMatching(/^app_invalid/),
    ])
  })
})
