import type pg from 'pg'
import { breakable } from '../../../test/engines/breakable.ts'
import { freshDatabase } from '../../../test/engines/databases.ts'
import { postgresKeep } from '../../adapters/postgres/keep.ts'
import { openPool } from '../../adapters/postgres/pool.ts'
import { limiterSuite } from './limiter.suite.ts'

limiterSuite(
  'postgres',
  async () => {
    const database = await freshDatabase()
    const way = await breakable(database.url)
    const pools: pg.Pool[] = []
    return {
      async open() {
        const pool = openPool({ url: way.url, max: 4 })
        pools.push(pool)
        return postgresKeep({ pool })
      },
      lose: way.cut,
      find: way.mend,
      async dispose() {
        await Promise.all(pools.map((pool) => pool.end()))
        await way.close()
        await database.drop()
      },
    }
  },
  { losable: true },
)
