import { catalogProblems, placeProblems, type SchemaNeeds } from '../adapters/postgres/catalog.ts'
import { logColumns } from '../adapters/postgres/log-ddl.ts'
import { ledgerState } from '../adapters/postgres/migrate.ts'
import { isLost } from '../adapters/postgres/pool.ts'
import { decisionsShape } from '../core/decisions-shape.ts'
import { recordsShape } from '../features/records/shape.ts'
import { telemetryShape } from '../features/telemetry/shape.ts'
import type { Check } from '../http/health.ts'
import type { Platform } from '../platform.ts'
import type { Keep } from '../ports/keep.ts'
import type { Engines } from './engines.ts'

/** The tables and columns that this code cannot do without. */
export const schemaNeeds: SchemaNeeds = {
  console_log_heads: ['log', 'tenant_id', 'last', 'floor', 'tip'],
  console_keep: [],
  console_keep_leases: [],
  storage: ['owner', 'id', 'ptr', 'permissions', 'owned', 'listed'],
  heads: ['owner', 'last', 'at', 'horizon'],
  trxs: [
    ...[
      'sid',
      'tenant',
      'owner',
      'create_txid',
      'isolation',
      'buffer',
      'buffer_version',
      'begun_at',
      'expires_at',
    ],
  ],
  app_migrations: ['owner', 'id', 'checksum', 'at'],
  commits: [
    'owner',
    'number',
    'at',
    'sid',
    'principal',
    'function',
    'hash',
    'request',
    'idempotency',
    'result',
    'touched',
  ],
  table_indexes: ['owner', 'id', 'fields', 'is_unique'],
  console_log_checkpoints: ['log', 'tenant_id', 'fold', 'source', 'position', 'state'],
  ...Object.fromEntries(
    [recordsShape, telemetryShape, decisionsShape].map((shape) => [
      shape.table,
      logColumns(shape).map((column) => column.name),
    ]),
  ),
}

/** What `/readyz` asks: is the database there, is it of this build, have the folds caught up. */
export function readinessChecks(
  engines: Engines,
  platform: () => Platform | null,
  /** Redis, where any of it is kept there. */
  redis: readonly Keep[],
): Check[] {
  const { ports, pool } = engines
  const database: Check = {
    name: 'database',
    async run() {
      await Promise.all([
        ports.records.check(),
        ports.telemetry.check(),
        ports.decisions.check(),
        ports.tables.check(),
        ...(redis.includes(ports.keep) ? [] : [ports.keep.check()]),
      ])
      return null
    },
  }
  const others: Check[] =
    redis.length === 0
      ? []
      : [
          {
            name: 'redis',
            async run() {
              await Promise.all(redis.map((keep) => keep.check()))
              return null
            },
          },
        ]
  const keys: Check = {
    name: 'signing_keys',
    run: async () => platform()?.identity.keysCode() ?? null,
  }
  const projections: Check = {
    name: 'projections',
    async run() {
      const made = platform()
      if (made === null) return 'catching_up'
      if (made.projections.some(({ projection }) => projection.failure() !== null)) return 'failed'
      return made.projections.some(({ projection }) => projection.catchingUp()) ? 'catching_up' : null
    },
  }
  if (pool === null) return [database, projections, keys, ...others]
  const migrations: Check = {
    name: 'migrations',
    async run() {
      const { behind, edited } = await ledgerState(pool)
      return edited.length > 0 ? 'edited' : behind.length > 0 ? 'behind' : null
    },
  }
  const schema: Check = {
    name: 'schema',
    async run() {
      // One after the other: what the second reads is among what the first looks for.
      const [problem] = await catalogProblems(pool, schemaNeeds)
      const [place] = problem === undefined ? await placeProblems(pool) : []
      return (problem ?? place)?.code ?? null
    },
  }
  return [database, migrations, schema, projections, keys, ...others].map((check) => ({
    ...check,
    run: () =>
      check
        .run()
        .catch((error: unknown) =>
          isLost(error) || /Lost$/.test((error as Error).name) ? 'unreachable' : 'failed',
        ),
  }))
}
