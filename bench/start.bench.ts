import pg from 'pg'
import { postgresLog } from '../packages/server/src/adapters/postgres/log.ts'
import { migrate } from '../packages/server/src/adapters/postgres/migrate.ts'
import { createProjection } from '../packages/server/src/core/projection.ts'
import { recordsFold } from '../packages/server/src/features/records/records-fold.ts'
import { recordsShape } from '../packages/server/src/features/records/shape.ts'
import { startPostgres } from '../packages/server/test/engines/start-postgres.ts'

// Start with history: time until the state is there, against reading the same rows; then from a saved fold.
const total = Number(process.argv[2] ?? 1_000_000)
const rounds = 5
const postgres = await startPostgres()
const client = new pg.Client({ connectionString: postgres.url })
await client.connect()
await migrate({ client, by: 'bench', now: Date.now })
console.log(`making ${total.toLocaleString('en')} records…`)
await client.query(
  `insert into console_core_records (tenant_id, position, id, occurred_at, received_at, digest, payload, schema, type, product, producer_id, tier, subject)
   select 't', n, 'e' || n, timestamptz '2026-01-01' + n * interval '1 s', timestamptz '2026-01-01' + n * interval '1 s', '\\xab',
     jsonb_build_object('schema', 'console.event', 'version', '0.1', 'id', 'e' || n, 'type', (array['process.started','gate.opened','gate.passed','process.completed'])[1 + n % 4],
       'occurredAt', to_char(timestamptz '2026-01-01' + n * interval '1 s', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'producer', '{"id":"runner","product":"flow"}'::jsonb,
       'scope', '{"kind":"repo","id":"shop"}'::jsonb, 'subject', jsonb_build_object('product', 'flow', 'kind', (array['process','gate'])[1 + (n / 2) % 2], 'id', 'run-' || (n % 20000)),
       'payload', jsonb_build_object('summary', 'step ' || n, 'after', jsonb_build_object('title', 'Run ' || (n % 20000)))),
     'console.event', 'process.started', 'flow', 'runner', 'unbound', 'flow/process/run-' || (n % 20000)
   from generate_series(1, $1::int) n`,
  [total],
)
await client.query(`insert into console_log_heads (log, tenant_id, last) values ('records', 't', $1)`, [
  total,
])
await client.query('analyze')

const pool = new pg.Pool({ connectionString: postgres.url, max: 2 })
const log = postgresLog({ pool, shape: recordsShape })
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref())
const now = () => performance.now()
const projectionOf = (source: string) => createProjection({ log, fold: recordsFold(source), now, pause })
const spent = new Map<string, number[]>()
async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
  const started = now()
  await work()
  spent.set(name, [...(spent.get(name) ?? []), (now() - started) / 1_000])
}
const names = {
  reading: 'reading the same rows through the port',
  first: 'state from nothing (checkpoints saved on the way)',
  again: 'state from the newest checkpoint',
  at: 'the state at a position in the middle',
}
const read = async () => {
  for (let position = 0; position < total; )
    position = (await log.read('t', position, 1_000)).at(-1)?.position ?? total
}
await read()
for (let n = 0; n < rounds; n += 1) {
  await timed(names.reading, read)
  const one = projectionOf(`bench ${n}`)
  await timed(names.first, () => one.live('t'))
  // Its last save may still be under way.
  await one.stop()
  const other = projectionOf(`bench ${n}`)
  await timed(names.again, () => other.live('t'))
  await other.stop()
  await timed(names.at, () => projectionOf(`bench ${n}`).at('t', Math.floor(total / 2) + 12_345))
}
console.log(
  `\nstart with ${total.toLocaleString('en')} records (medians of ${rounds} rounds in turn; lower is better)`,
)
const median = (name: string) =>
  (spent.get(name) ?? []).sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN
for (const name of Object.values(names))
  console.log(
    `  ${name.padEnd(52)} ${median(name).toFixed(2).padStart(6)} s   ${(median(name) / median(names.reading)).toFixed(3)}×`,
  )
await log.close()
await pool.end()
await client.end()
await postgres.stop()
process.exit(0)
