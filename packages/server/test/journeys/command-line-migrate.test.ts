import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { small, writeApp } from '../../src/main/app/app-folder.test-kit.ts'
import { openTablesAlone } from '../../src/main/app/open-tables-alone.ts'
import { endAll, quarterdeck } from '../program.ts'

const first = `
export async function up(tables) {
  await tables.tickets.set('first', { title: 'Made by a migration' })
}
`

describe('migrating an app by the command line', { timeout: 60_000 }, () => {
  let app: string
  let env: Record<string, string>
  beforeEach(() => {
    app = writeApp({ ...small, 'migrations/0001_first.ts': first })
    env = {
      CONSOLE_APP: app,
      CONSOLE_DATA_DIR: join(dirname(app), 'data'),
      CONSOLE_TENANT_ID: 'acme',
      CONSOLE_TENANT_ALLOWLIST: 'acme,bolt',
    }
  })
  afterEach(async () => {
    await endAll()
    rmSync(dirname(app), { recursive: true, force: true })
  })
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(app, path)), { recursive: true })
    writeFileSync(join(app, path), text)
  }
  const migrate = (...args: string[]) => quarterdeck(['migrate', ...args], env)

  async function titles(tenant: string) {
    const { tables, close } = openTablesAlone({
      tablesStorage: 'sqlite',
      storage: 'local-jsonl',
      databaseUrl: null,
      directUrl: null,
      dataDir: env.CONSOLE_DATA_DIR ?? '',
    })
    try {
      return (await tables.begin({ tenant }).query('tickets', {})).rows.map(({ data }) => data)
    } finally {
      await close()
    }
  }

  it('brings each tenant of the settings to it, once', async () => {
    const before = await migrate('status')
    expect(before.out).toMatch(
      /table tickets +pending +acme\n0001_first +pending +acme\ntable tickets +pending +bolt/,
    )
    expect(await migrate('up')).toEqual({
      code: 0,
      err: '',
      out: 'applied 0001_first for acme\napplied 0001_first for bolt\nThe app stands for acme, bolt.\n',
    })
    expect((await migrate()).out).toContain('Nothing to do')
    expect((await migrate('--status')).out).toMatch(/0001_first +applied +acme\ntable tickets +applied +bolt/)
    for (const tenant of ['acme', 'bolt'])
      expect(await titles(tenant)).toEqual([{ title: 'Made by a migration' }])
  })

  it('refuses a migration that was applied and has changed', async () => {
    await migrate('up')
    write('migrations/0001_first.ts', first.replace('Made', 'Edited'))
    expect((await migrate('status')).out).toMatch(/0001_first +edited/)
    const { code, err } = await migrate('up')
    expect([code, err]).toEqual([1, expect.stringContaining('0001_first was applied from other bytes')])
  })

  it('refuses what older code cannot live with, until a migration says that it breaks', async () => {
    await migrate('up')
    const lock = JSON.parse(readFileSync(join(app, 'quarterdeck.lock.json'), 'utf8'))
    expect(lock).toMatchObject({
      version: 1,
      tables: [{ name: 'tickets' }],
      migrations: [{ id: '0001_first' }],
    })
    write('tables.ts', small['tables.ts'].replace('z.number().optional()', 'z.string().optional()'))
    for (const how of [['up'], ['--print']]) {
      const { code, err } = await migrate(...how)
      expect([code, err]).toEqual([1, expect.stringContaining('tickets.cost has another type')])
    }
    write('migrations/0002_words.ts', `// breaking\nexport async function up() {}\n`)
    expect((await migrate('up')).out).toContain('applied 0002_words for acme')
    const now = JSON.parse(readFileSync(join(app, 'quarterdeck.lock.json'), 'utf8'))
    expect(now.migrations).toMatchObject([{}, { id: '0002_words', breaking: true }])
  })

  it('shows the SQL and the steps without a database', async () => {
    const { code, out } = await quarterdeck(['migrate', 'up', '--print'], {
      ...env,
      CONSOLE_TELEMETRY_STORAGE: 'postgres',
      CONSOLE_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere',
    })
    expect(code).toBe(0)
    expect(out).toMatch(/create table (if not exists )?storage/)
    expect(out).toMatch(
      /-- tenant bolt: tables tickets\nselect console_tables_prepare\('bolt', '\[\{"name":"tickets"/,
    )
    expect(out).toContain('-- tenant bolt: 0001_first in one transaction')
    expect(existsSync(join(app, 'quarterdeck.lock.json'))).toBe(false)
  })

  it('begins a migration under the next number, and takes no name that is none', async () => {
    const { out } = await migrate('create', 'add_priority')
    expect(out).toBe(`wrote ${join(app, 'migrations/0002_add_priority.ts')}\n`)
    expect((await migrate('up')).out).toContain('applied 0002_add_priority for acme')
    for (const name of ['../evil', 'Caps', '', 'a-b', 'a;b', '0_a', 'a/b']) {
      const { code, err } = await migrate('create', name)
      expect([name, code, err]).toEqual([name, 1, expect.stringContaining('small letters')])
    }
    expect((await migrate('create')).code).toBe(1)
    expect((await migrate('sideways')).err).toContain('migrate knows up, status and create')
  })

  it('says that there is no app to begin one in', async () => {
    const { code, err } = await quarterdeck(['migrate', 'create', 'x', '--app', dirname(app)], env)
    expect([code, err]).toEqual([1, expect.stringContaining('holds no app.ts')])
  })
})
