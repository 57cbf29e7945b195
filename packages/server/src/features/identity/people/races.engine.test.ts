import { randomUUID } from 'node:crypto'
import { freshDatabase, redisUrl } from '../../../../test/engines/databases.ts'
import { postgresKeep } from '../../../adapters/postgres/keep.ts'
import { openPool } from '../../../adapters/postgres/pool.ts'
import { postgresTables } from '../../../adapters/postgres/tables.ts'
import { redisKeep } from '../../../adapters/redis/keep.ts'
import type { Keep } from '../../../ports/keep.ts'
import { racesSuite } from './races.suite.ts'

/** Two processes with a pool each on one database, and whatever `keep` they are given. */
function standWith(keepOver: (pool: ReturnType<typeof openPool>, prefix: string) => Keep) {
  return async (clock: { readonly at: number }) => {
    const database = await freshDatabase()
    const prefix = `test ${randomUUID()}:`
    const process = () => {
      const pool = openPool({ url: database.url, max: 4 })
      const keep = keepOver(pool, prefix)
      return { pool, keep, tables: postgresTables({ pool, now: () => clock.at, randomId: randomUUID }) }
    }
    const both = [process(), process()] as const
    return {
      engines: both,
      async dispose() {
        for (const { pool, keep } of both) {
          await keep.close()
          await pool.end()
        }
        await database.drop()
      },
    }
  }
}

racesSuite(
  'postgres',
  standWith((pool) => postgresKeep({ pool })),
)
racesSuite(
  'postgres and redis',
  standWith((_, prefix) => redisKeep({ url: redisUrl(), prefix })),
)
