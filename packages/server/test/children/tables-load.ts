// A process of its own that writes to tables: `node tables-load.ts <url or file> <tenant> <rounds> [claims]`. Each round
// moves two documents of two tables on by one and appends a third, in one transaction, four rounds at a time; it is
// repeated after a conflict. With `claims` the rounds instead append a document each under the round's number, which a
// unique index gives to one process alone. Prints the number of each commit once it was acknowledged.
import { randomUUID } from 'node:crypto'
import { openPool } from '../../src/adapters/postgres/pool.ts'
import { postgresTables } from '../../src/adapters/postgres/tables.ts'
import { openSqlite } from '../../src/adapters/sqlite/open.ts'
import { sqliteTables } from '../../src/adapters/sqlite/tables.ts'

const [, , where = '', tenant = '', rounds = '0', mode = ''] = process.argv
const common = { now: Date.now, randomId: randomUUID }
const pool = where.startsWith('postgres:') ? openPool({ url: where, max: 4 }) : null
const tables =
  pool === null
    ? sqliteTables({ db: openSqlite({ path: where, now: Date.now }), ...common })
    : postgresTables({ pool, ...common })

async function round(): Promise<void> {
  for (;;) {
    const tx = tables.begin({ tenant })
    const before = Number((await tx.get('left', 'n'))?.data ?? 0)
    tx.set('left', 'n', before + 1, 'load')
    tx.set('right', 'n', before + 1, 'load')
    tx.set('steps', null, before + 1, 'load')
    const outcome = await tx.commit()
    if (outcome.state === 'unknown') throw new Error('the outcome is unknown')
    if (outcome.state === 'committed') {
      process.stdout.write(`${outcome.number}\n`)
      return
    }
  }
}

async function claim(n: number): Promise<void> {
  const tx = tables.begin({ tenant })
  tx.set('claims', null, { n, at: { second: n % 60 } }, 'load')
  const outcome = await tx.commit()
  if (outcome.state === 'committed') process.stdout.write(`${outcome.number}\n`)
  else if (outcome.state === 'unknown' || outcome.why !== 'unique') throw new Error('a claim was not refused')
}

let left = Number(rounds)
async function work() {
  while (left-- > 0) await (mode === 'claims' ? claim(left) : round())
}
if (mode === 'claims') {
  await tables.prepare(tenant, [
    { name: 'claims', indexes: [{ fields: ['n'], unique: true }, { fields: ['at.second'] }] },
  ])
}
await Promise.all([work(), work(), work(), work()])
await tables.close()
await pool?.end()
