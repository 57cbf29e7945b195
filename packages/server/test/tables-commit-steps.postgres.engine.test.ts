import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openPool } from '../src/adapters/postgres/pool.ts'
import { postgresTables } from '../src/adapters/postgres/tables.ts'
import { pointerOf } from '../src/adapters/tables-document.ts'
import type { Tables } from '../src/ports/tables.ts'
import { arrange, nothing, prepareScene, sceneOf, whatStands, whole } from './children/commit-scene.ts'
import { runCommit } from './children/run-commit.ts'
import { type FreshDatabase, freshDatabase } from './engines/databases.ts'

const notes = (tenant: string) => pointerOf(tenant, 'notes')

/** Each step of a commit, with a lock that lets what is before it pass and holds it there. */
const steps: readonly (readonly [step: string, lock: (tenant: string) => string])[] = [
  // Of the row, for which they queue; a table is let go to all at once.
  ['locks the head', (tenant) => `select from heads where owner = '${tenant}' for update`],
  ['looks whether it is known', () => 'lock table commits in access exclusive mode'],
  ['holds its session', () => 'lock table trxs in exclusive mode'],
  ['looks whether the migration is there', () => 'lock table app_migrations in access exclusive mode'],
  ['asks what tables permit', () => 'lock table storage in access exclusive mode'],
  ['looks for conflicts', (tenant) => `lock table ${notes(tenant)} in access exclusive mode`],
  ['looks for unique keys', () => 'lock table table_indexes in access exclusive mode'],
  ['moves a version to the history', (tenant) => `lock table ${notes(tenant)}_h in share mode`],
  ['writes the new version', (tenant) => `lock table ${notes(tenant)} in share mode`],
  ['stores the commit', () => 'lock table commits in share mode'],
  ['notes the migration', () => 'lock table app_migrations in share mode'],
  ['takes the session away', () => 'lock table trxs in share mode'],
  ['raises the last number', () => 'lock table heads in share mode'],
]

describe('a commit in Postgres that ends at one of its steps', () => {
  let database: FreshDatabase
  let pool: pg.Pool
  let tables: Tables
  let locker: pg.Client
  let watcher: pg.Client
  beforeAll(async () => {
    database = await freshDatabase()
    pool = openPool({ url: database.url, max: 4 })
    tables = postgresTables({ pool, now: Date.now, randomId: randomUUID })
    locker = new pg.Client({ connectionString: database.url })
    watcher = new pg.Client({ connectionString: database.url })
    await Promise.all([locker.connect(), watcher.connect()])
  })
  afterEach(async () => {
    await locker.query('rollback')
  })
  afterAll(async () => {
    await Promise.all([locker.end(), watcher.end()])
    await pool.end()
    await database.drop()
  })

  /** The process id, in Postgres, of who calls a function, once it waits for a lock. */
  async function held(name = 'console_tables_commit'): Promise<number> {
    for (let look = 0; look < 2_000; look += 1) {
      const { rows } = await watcher.query<{ pid: number }>(
        `select pid from pg_stat_activity
         where wait_event_type = 'Lock' and datname = current_database() and strpos(query, $1) > 0`,
        [name],
      )
      if (rows[0] !== undefined) return rows[0].pid
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`${name} went past the lock`)
  }

  async function expectGoesOn(tenant: string, last: number) {
    const next = tables.begin({ tenant })
    next.set('notes', 'x', { n: 9 }, 'me')
    expect(await next.commit()).toMatchObject({ state: 'committed', number: last + 1 })
  }

  it.each(steps)('leaves nothing when the engine breaks off where it %s', async (step, lock) => {
    const scene = sceneOf(`broken off: ${step}`)
    await prepareScene(tables, scene)
    const commit = await arrange(tables, scene)
    await locker.query(`begin; ${lock(scene.tenant)}`)
    const committed = commit()
    await locker.query('select pg_terminate_backend($1)', [await held()])
    expect(await committed).toEqual({ state: 'unknown' })
    await locker.query('rollback')
    expect(await whatStands(tables, scene)).toEqual(nothing)
    await expectGoesOn(scene.tenant, 2)
  })

  it.each(steps)(
    'leaves all when its process is killed where it %s, as nobody called it off',
    async (step, lock) => {
      const scene = sceneOf(`killed: ${step}`)
      await prepareScene(tables, scene)
      const child = await runCommit(database.url, scene.tenant)
      await locker.query(`begin; ${lock(scene.tenant)}`)
      child.go()
      await held()
      child.kill()
      expect(await child.ended).toBeNull()
      // Whoever settles it waits for it: what it answers is what becomes of it.
      const settled = tables.settle(scene.tenant, scene.sid)
      await held('console_tables_settle')
      await locker.query('rollback')
      const outcome = await settled
      const found = await whatStands(tables, scene)
      if (outcome.state !== 'committed') throw new Error('it was lost')
      expect(found).toEqual(whole(outcome.at))
      await expectGoesOn(scene.tenant, 3)
    },
  )
})
