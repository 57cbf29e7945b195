import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startPostgres } from '../packages/server/test/engines/start-postgres.ts'
import { hammer, post, race, startPeer } from './load.ts'

// A function without data against tRPC standalone; and one of two reads and a write in Postgres, telemetry on, against a
// hand-written transaction over a pool of 10 and the same in tRPC. Each call has two accounts of its own, so that nobody
// waits for another's row; the peers lock rows, we commit through the tenant's head.
const accounts = 2_000
const postgres = await startPostgres()
const admin = new pg.Client({ connectionString: postgres.url })
await admin.connect()
await admin.query('create database ours')
await admin.query('create table accounts (id text primary key, data jsonb not null)')
await admin.query(
  `insert into accounts select 'a' || n, jsonb_build_object('name', 'n', 'balance', n) from generate_series(0, $1 - 1) n`,
  [accounts],
)
await admin.query('analyze accounts')

const token = 'bench-token-bench-token-bench-token'
const oursUrl = new URL(postgres.url)
oursUrl.pathname = '/ours'
const ours = await startPeer(
  'quarterdeck /rpc',
  [join(import.meta.dirname, '../packages/server/src/cli/quarterdeck.ts'), 'serve'],
  {
    CONSOLE_DATA_DIR: mkdtempSync(join(tmpdir(), 'bench-rpc-')),
    CONSOLE_APP: join(import.meta.dirname, 'app'),
    CONSOLE_TELEMETRY_STORAGE: 'postgres',
    CONSOLE_DATABASE_URL: oursUrl.href,
    CONSOLE_PORT: '0',
    CONSOLE_METRICS_ENABLED: 'false',
    CONSOLE_LOG_LEVEL: 'silent',
    CONSOLE_AUTH_TOKEN: token,
    CONSOLE_LIMITS_JSON: JSON.stringify({ default: '1000000000/minute;1000000000/hour' }),
  },
)
const trpc = await startPeer('tRPC standalone', [join(import.meta.dirname, 'peers/trpc.ts')], {
  DATABASE_URL: postgres.url,
})
const byHand = await startPeer('a transaction by hand', [join(import.meta.dirname, 'peers/pg-rpc.ts')], {
  DATABASE_URL: postgres.url,
})
for (let from = 0; from < accounts; from += 500)
  await hammer(ours.port, 1, 1, () => post('/rpc/fill', token, JSON.stringify([from, from + 500])))

const greet = JSON.stringify(['Ann'])
await race('a function without data, 64 connections', 5, [
  { peer: trpc, width: 64, total: 6_000, request: () => post('/greet', token, '"Ann"') },
  { peer: ours, width: 64, total: 20_000, request: () => post('/rpc/greet', token, greet) },
])

const pair = (n: number) => JSON.stringify([`a${(2 * n) % accounts}`, `a${(2 * n + 1) % accounts}`])
for (const width of [1, 8, 64]) {
  await race(`two reads and a write, Postgres, ${width} at once`, 5, [
    { peer: byHand, width, total: width === 1 ? 600 : 3_000, request: (n) => post('/', token, pair(n)) },
    { peer: trpc, width, total: width === 1 ? 600 : 3_000, request: (n) => post('/draw', token, pair(n)) },
    {
      peer: ours,
      width,
      total: width === 1 ? 600 : 3_000,
      request: (n) => post('/rpc/draw', token, pair(n)),
    },
  ])
}
for (const peer of [ours, trpc, byHand]) await peer.stop()
await admin.end()
await postgres.stop()
