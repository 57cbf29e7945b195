import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { migrate } from '../packages/server/src/adapters/postgres/migrate.ts'
import { postgresTables } from '../packages/server/src/adapters/postgres/tables.ts'
import type { Tables } from '../packages/server/src/ports/tables.ts'
import { startPostgres } from '../packages/server/test/engines/start-postgres.ts'
import { compare, concurrently } from './measure.ts'

// The port `tables` on Postgres. `commit`: what 64 callers of one tenant gain by sharing commits against one caller after
// the other. `asof`: what reading the present costs when there are ten times as many superseded versions.
const rows = 1_000
const versions = 10
const postgres = await startPostgres()
const client = new pg.Client({ connectionString: postgres.url })
await client.connect()
await migrate({ client, by: 'bench', now: Date.now })
const pool = new pg.Pool({ connectionString: postgres.url, max: 10 })
const tables: Tables = postgresTables({ pool, now: Date.now, randomId: randomUUID })
const shape = { name: 'accounts', indexes: [{ fields: ['name'] }] }

/** Writes every row of a tenant once more. */
async function writeAll(tenant: string, balance: number): Promise<void> {
  for (let from = 0; from < rows; from += 100) {
    const tx = tables.begin({ tenant })
    for (let n = from; n < from + 100; n += 1)
      tx.set('accounts', `a${n}`, { name: `n${n % 10}`, balance }, 'bench')
    await tx.commit()
  }
}

async function increment(n: number): Promise<number> {
  const tx = tables.begin({ tenant: 'young' })
  const row = await tx.get('accounts', `a${n % rows}`)
  tx.set('accounts', `a${n % rows}`, { name: `n${n % 10}`, balance: n, was: row?.txid ?? 0 }, 'bench')
  const { state } = await tx.commit()
  return state === 'committed' ? 1 : 0
}

for (const tenant of ['young', 'old']) {
  await tables.prepare(tenant, [shape])
  await writeAll(tenant, 0)
}
for (let n = 0; n < versions; n += 1) await writeAll('old', n)
await client.query('vacuum analyze')

const reads = (tenant: string) => ({
  name: tenant === 'old' ? `ten superseded versions a row` : 'no history',
  async run() {
    await concurrently(2_000, 8, async (n) => {
      const tx = tables.begin({ tenant })
      await tx.get('accounts', `a${n % rows}`)
      await tx.query('accounts', { where: { name: `n${n % 10}` }, limit: 20 })
    })
    return 2_000
  },
})
await compare('asof: a row and a query of the present, 8 at once', 7, [reads('young'), reads('old')])

await compare('commit: a read and a write of one tenant', 7, [
  {
    name: 'one after the other',
    async run() {
      let done = 0
      for (let n = 0; n < 300; n += 1) done += await increment(n)
      return done
    },
  },
  {
    name: '64 callers',
    async run() {
      let done = 0
      await concurrently(3_000, 64, async (n) => {
        // Not `done += await …`: that would add to what it was before.
        const one = await increment(n)
        done += one
      })
      return done
    },
  },
])
await tables.close()
await pool.end()
await client.end()
await postgres.stop()
