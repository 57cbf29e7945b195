import { afterEach, describe, expect, it } from 'vitest'
import { type Breakable, breakable } from '../../../test/engines/breakable.ts'
import { type FreshDatabase, freshDatabase } from '../../../test/engines/databases.ts'
import { freePort } from '../../../test/engines/free-port.ts'
import { isLost, openPool } from './pool.ts'

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  )

describe('the pool', () => {
  let database: FreshDatabase | undefined
  let way: Breakable | undefined
  afterEach(async () => {
    await way?.close()
    await database?.drop()
  })

  it('calls lost what is lost: refused, cut idle, cut while lent out, cut while asking, shut down, ended', async () => {
    const nowhere = openPool({ url: `postgres://a:b@127.0.0.1:${await freePort()}/c`, max: 1 })
    expect(isLost(await failure(nowhere.query('select 1')))).toBe(true)
    await nowhere.end()

    database = await freshDatabase()
    way = await breakable(database.url)
    const pool = openPool({ url: way.url, max: 2 })
    await pool.query('select 1')
    way.cut()
    expect(isLost(await failure(pool.query('select 1')))).toBe(true)

    way.mend()
    const lent = await pool.connect()
    way.cut()
    expect(isLost(await failure(lent.query('select 1')))).toBe(true)
    lent.release(true)

    way.mend()
    const asking = failure(pool.query('select pg_sleep(60)'))
    await pool.query('select 1')
    way.cut()
    expect(isLost(await asking)).toBe(true)

    way.mend()
    const killed = failure(pool.query('select pg_terminate_backend(pg_backend_pid())'))
    expect(isLost(await killed)).toBe(true)
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await database.drop()
    expect(isLost(await failure(pool.query('select 1')))).toBe(true)
    await pool.end()
    expect(isLost(await failure(pool.query('select 1')))).toBe(true)
  })

  it('does not call lost what the engine refused', async () => {
    database = await freshDatabase()
    const pool = openPool({ url: database.url, max: 1 })
    expect(isLost(await failure(pool.query('select nonsense')))).toBe(false)
    expect(isLost(await failure(pool.query('set statement_timeout = 1; select pg_sleep(5)')))).toBe(false)
    expect(isLost(new Error('something else'))).toBe(false)
    expect(isLost('ECONNRESET')).toBe(false)
    await pool.end()
  })
})
