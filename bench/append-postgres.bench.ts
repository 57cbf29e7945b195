import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { postgresLog } from '../packages/server/src/adapters/postgres/log.ts'
import { migrate } from '../packages/server/src/adapters/postgres/migrate.ts'
import { recordsShape } from '../packages/server/src/features/records/shape.ts'
import { startPostgres } from '../packages/server/test/engines/start-postgres.ts'
import { compare, concurrently } from './measure.ts'

// Durable single-record append in the port, 256 concurrent, each acknowledged after its own commit,
// against pgbench single-row inserts by 8 clients into a table of the same shape on the same server.
const postgres = await startPostgres()
const client = new pg.Client({ connectionString: postgres.url })
await client.connect()
await migrate({ client, by: 'bench', now: Date.now })
await client.query('create table plain (like console_core_records including all)')
const pool = new pg.Pool({ connectionString: postgres.url, max: 4 })
const log = postgresLog({ pool, shape: recordsShape })

const payload = JSON.stringify({
  schema: 'console.event',
  type: 'gate.passed',
  payload: { summary: 'x'.repeat(200) },
})
const entry = (id: string) => ({
  id,
  digest: 'ab'.repeat(32),
  occurredAt: Date.now(),
  receivedAt: Date.now(),
  attributes: {
    schema: 'console.event',
    type: 'gate.passed',
    product: 'p',
    producer_id: 'q',
    tier: 'unbound',
    subject: 'p/gate/1',
    correlation_id: null,
  },
  payload,
})

const script = join(mkdtempSync(join(tmpdir(), 'bench-')), 'insert.sql')
writeFileSync(
  script,
  `insert into plain (tenant_id, position, id, occurred_at, received_at, digest, payload, schema, type, product, producer_id, tier, subject)
values ('t', nextval('positions'), gen_random_uuid()::text, now(), now(), '\\x${'ab'.repeat(32)}', '${payload}', 'console.event', 'gate.passed', 'p', 'q', 'unbound', 'p/gate/1');\n`,
)
await client.query('create sequence positions')
const folder = '/usr/lib/postgresql'
const pgbench = existsSync(folder)
  ? readdirSync(folder)
      .map((version) => `${folder}/${version}/bin/pgbench`)
      .find((path) => existsSync(path))
  : undefined
if (pgbench === undefined) throw new Error('pgbench is needed: install postgresql from the system packages')
const url = new URL(postgres.url)

await compare('durable append, Postgres', 5, [
  {
    name: 'pgbench, single-row inserts, 8 clients',
    async run() {
      const words = [
        '-n',
        '-c',
        '8',
        '-j',
        '2',
        '-t',
        '500',
        '-f',
        script,
        '-h',
        url.hostname,
        '-p',
        url.port,
        '-U',
        'postgres',
        'postgres',
      ]
      execFileSync(pgbench, words, {
        env: { ...process.env, PGPASSWORD: 'postgres' },
        stdio: ['ignore', 'ignore', 'ignore'],
      })
      return 4_000
    },
  },
  ...[32, 256].map((width) => ({
    name: `port log, ${width} concurrent, one record each`,
    async run() {
      await concurrently(20_000, width, () => log.append('t', [entry(randomUUID())]))
      return 20_000
    },
  })),
  {
    name: 'port log, batches of 1,000, 4 at a time',
    async run() {
      await concurrently(40, 4, () =>
        log.append(
          't',
          Array.from({ length: 1_000 }, () => entry(randomUUID())),
        ),
      )
      return 40_000
    },
  },
  {
    name: 'hand-written unnest insert of 1,000 rows',
    async run() {
      for (let batch = 0; batch < 40; batch += 1) {
        const rows = Array.from({ length: 1_000 }, () => entry(randomUUID()))
        await client.query(
          `insert into plain (tenant_id, position, id, occurred_at, received_at, digest, payload, schema, type, product, producer_id, tier, subject)
           select 't', nextval('positions'), id, now(), now(), '\\xab', payload::jsonb, 'console.event', 'gate.passed', 'p', 'q', 'unbound', 'p/gate/1' from unnest($1::text[], $2::text[]) as r(id, payload)`,
          [rows.map((row) => row.id), rows.map((row) => row.payload)],
        )
      }
      return 40_000
    },
  },
])
await log.close()
await pool.end()
await client.end()
await postgres.stop()
