import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../packages/server/src/adapters/postgres/migrate.ts'
import { startPostgres } from '../packages/server/test/engines/start-postgres.ts'
import { hammer, post, race, startPeer } from './load.ts'
import { compare } from './measure.ts'

// POST /records on Postgres: one record a request against fastify and a pool that inserts one row a request, and
// 1,000 records a request against the same rows by one hand-written insert.
const postgres = await startPostgres()
const client = new pg.Client({ connectionString: postgres.url })
await client.connect()
await migrate({ client, by: 'bench', now: Date.now })
await client.query('create table plain (like console_core_records including all)')
await client.query('create sequence positions')
const token = 'bench-token-bench-token-bench-token'
const ours = await startPeer(
  'quarterdeck',
  [join(import.meta.dirname, '../packages/server/src/cli/quarterdeck.ts'), 'serve'],
  {
    CONSOLE_DATA_DIR: mkdtempSync(join(tmpdir(), 'bench-ingest-')),
    CONSOLE_PORT: '0',
    CONSOLE_METRICS_ENABLED: 'false',
    CONSOLE_LOG_LEVEL: 'silent',
    CONSOLE_TELEMETRY_STORAGE: 'postgres',
    CONSOLE_KEEP_STORAGE: 'postgres',
    CONSOLE_DATABASE_URL: postgres.url,
    CONSOLE_AUTH_TOKEN: token,
    CONSOLE_LIMITS_JSON: '{"ingest":"1000000000/minute"}',
  },
)
const fastify = await startPeer(
  'fastify + pg pool, one insert a request',
  [join(import.meta.dirname, 'peers/fastify-insert.ts')],
  { DATABASE_URL: postgres.url },
)

const record = (id: string, n: number) => ({
  schema: 'console.event',
  version: '0.1',
  id,
  type: 'gate.passed',
  occurredAt: '2026-11-20T09:14:03Z',
  producer: { id: 'runner', product: 'flow' },
  scope: { kind: 'repo', id: 'shop' },
  subject: { product: 'flow', kind: 'gate', id: `run-${n % 500}/tests` },
  payload: {
    summary: 'all tests passed',
    after: { processRef: { product: 'flow', kind: 'process', id: `run-${n % 500}` } },
  },
})
const one = (n: number) => post('/records', token, JSON.stringify(record(randomUUID(), n)))
await race('POST /records, one record a request, 256 connections', 5, [
  { peer: fastify, width: 256, total: 8_000, request: one },
  { peer: ours, width: 256, total: 8_000, request: one },
])

const batch = () =>
  post('/records', token, JSON.stringify(Array.from({ length: 1_000 }, (_, n) => record(randomUUID(), n))))
await compare('1,000 records a request', 5, [
  {
    name: 'hand-written unnest insert of the same rows',
    async run() {
      for (let n = 0; n < 20; n += 1) {
        const rows = Array.from({ length: 1_000 }, (_, k) => record(randomUUID(), k))
        await client.query(
          `insert into plain (tenant_id, position, id, occurred_at, received_at, digest, payload, schema, type, product, producer_id, tier, subject)
           select 't', nextval('positions'), id, now(), now(), '\\xab', payload::jsonb, 'console.event', 'gate.passed', 'flow', 'runner', 'unbound', subject from unnest($1::text[], $2::text[], $3::text[]) as r(id, payload, subject)`,
          [
            rows.map((row) => row.id),
            rows.map((row) => JSON.stringify(row)),
            rows.map((row) => row.subject.id),
          ],
        )
      }
      return 20_000
    },
  },
  {
    name: 'POST /records, 4 connections',
    async run() {
      if ((await hammer(ours.port, 4, 20, batch)) > 0) throw new Error('a batch failed')
      return 20_000
    },
  },
])
await fastify.stop()
await ours.stop()
await client.end()
await postgres.stop()
