import pg from 'pg'
import { postgresLog } from '../packages/server/src/adapters/postgres/log.ts'
import { migrate } from '../packages/server/src/adapters/postgres/migrate.ts'
import { noDescriptors } from '../packages/server/src/features/telemetry/descriptors.ts'
import { telemetryReads } from '../packages/server/src/features/telemetry/reads.ts'
import { telemetryShape } from '../packages/server/src/features/telemetry/shape.ts'
import { startPostgres } from '../packages/server/test/engines/start-postgres.ts'

// GET /telemetry over 1,000,000 records against the same answer asked for in SQL by hand; and what a window of
// 15 minutes costs when there is ten times the history.
const total = Number(process.argv[2] ?? 1_000_000)
const now = Date.parse('2026-11-20T12:00:00Z')
const postgres = await startPostgres()
const client = new pg.Client({ connectionString: postgres.url })
await client.connect()
await migrate({ client, by: 'bench', now: Date.now })

async function fill(tenant: string, rows: number, days: number): Promise<void> {
  await client.query(
    `insert into console_telemetry_events (tenant_id, position, id, occurred_at, received_at, digest, payload, schema_version, event_type, session_id, agent, model, project, tool, outcome, duration_ms, input_tokens, output_tokens, attributes)
     select $1, n, 'm' || n, t, t, '\\xab', jsonb_build_object('event_id', 'm' || n, 'event_type', 'tool.result'), '0.3.0', (array['tool.result','turn.end','session.usage'])[1 + n % 3], 's' || (n % 5000),
       'agent-' || n % 5, 'model-' || n % 4, 'project-' || n % 12, 'tool-' || n % 30, (array['pass','pass','fail'])[1 + n % 3], n % 4000, n % 900, n % 300, jsonb_build_object('status', 'ok')
     from (select n, timestamptz '2026-11-20T12:00:00Z' - (($2::int - n)::float8 / $2) * $3 * interval '1 day' as t from generate_series(1, $2::int) n) s`,
    [tenant, rows, days],
  )
  await client.query(`insert into console_log_heads (log, tenant_id, last) values ('telemetry', $1, $2)`, [
    tenant,
    rows,
  ])
}
console.log(`making ${total.toLocaleString('en')} measurements…`)
await fill('big', total, 6)
await fill('short', Math.floor(total / 10), 0.6)
await client.query('vacuum analyze console_telemetry_events')

const pool = new pg.Pool({ connectionString: postgres.url, max: 2 })
const log = postgresLog({ pool, shape: telemetryShape })
const reads = telemetryReads({
  log,
  now: () => now,
  descriptors: () => noDescriptors,
  markers: async () => [],
})
const actor = (tenant: string) => ({
  tenant,
  principal: 'p',
  class: 'service' as const,
  permissions: ['*'],
  credential: 'c',
})
const ask = (tenant: string, preset: '15m' | '7d') =>
  reads.query(actor(tenant), { preset, filter: [], sort: 'desc', limit: 50 })

const facets = [
  'project',
  'tool',
  'runtime',
  'model',
  'agent',
  'event_type',
  'outcome',
  "attributes->>'hook.name'",
  "attributes->>'delegation.role'",
  "attributes->>'status'",
]
async function byHand(tenant: string, from: string): Promise<void> {
  const where = `tenant_id = $1 and occurred_at >= $2 and occurred_at < $3`
  const values = [tenant, from, new Date(now).toISOString()]
  await client.query(
    `select count(*), count(distinct session_id) from console_telemetry_events where ${where}`,
    values,
  )
  await client.query(
    `select event_type, count(*) from console_telemetry_events where ${where} group by 1`,
    values,
  )
  for (const facet of facets)
    await client.query(
      `select ${facet}, count(*) from console_telemetry_events where ${where} group by 1 order by 2 desc limit 12`,
      values,
    )
  await client.query(
    `select tool, count(*), count(*) filter (where outcome = 'pass'), count(*) filter (where outcome = 'fail'), percentile_disc(0.5) within group (order by duration_ms), percentile_disc(0.95) within group (order by duration_ms)
     from console_telemetry_events where ${where} and tool is not null group by 1 order by 2 desc limit 100`,
    values,
  )
  await client.query(
    `select session_id, sum(input_tokens) filter (where event_type = 'session.usage'), sum(output_tokens) filter (where event_type = 'session.usage'), sum(cost_usd) filter (where event_type = 'session.usage'), count(*) filter (where event_type = 'session.usage'), count(cost_usd) filter (where event_type = 'session.usage')
     from console_telemetry_events where ${where} group by 1`,
    values,
  )
  await client.query(
    `select * from console_telemetry_events where ${where} order by occurred_at desc, position desc limit 51`,
    values,
  )
}

async function median(name: string, rounds: number, work: () => Promise<unknown>): Promise<number> {
  await work()
  const times: number[] = []
  for (let n = 0; n < rounds; n += 1) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  const found = times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0
  console.log(`  ${name.padEnd(48)} ${found.toFixed(1)} ms`)
  return found
}
console.log(`\ntelemetry summary over ${total.toLocaleString('en')} records`)
const week = new Date(now - 7 * 86_400_000).toISOString()
const hand = await median('the same answer by hand, one query a part', 3, () => byHand('big', week))
const ours = await median('GET /telemetry?preset=7d', 3, () => ask('big', '7d'))
const near = await median('15 minutes of a tenth of the history', 9, () => ask('short', '15m'))
const far = await median('15 minutes of all of it', 9, () => ask('big', '15m'))
console.log(
  `  summary against by hand: ${(ours / hand).toFixed(2)}×; 15 minutes at ten times the history: ${(far / near).toFixed(2)}×`,
)
await log.close()
await pool.end()
await client.end()
await postgres.stop()
