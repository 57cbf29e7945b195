import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { freshDatabase } from '../../../../test/engines/databases.ts'
import { postgresKeep } from '../../../adapters/postgres/keep.ts'
import { openPool } from '../../../adapters/postgres/pool.ts'
import { postgresTables } from '../../../adapters/postgres/tables.ts'
import { twoReplicasSuite } from './two-replicas.suite.ts'

twoReplicasSuite('Postgres', async () => {
  const database = await freshDatabase()
  const pools: pg.Pool[] = []
  return {
    async open(clock) {
      const pool = openPool({ url: database.url, max: 4 })
      pools.push(pool)
      const now = () => clock.at
      return { tables: postgresTables({ pool, now, randomId: randomUUID }), keep: postgresKeep({ pool }) }
    },
    async dispose() {
      await Promise.all(pools.map((pool) => pool.end()))
      await database.drop()
    },
  }
})
