import type { Pool, PoolClient } from 'pg'
import type { Log, LogShape, Seal, Stored } from '../../ports/log.ts'
import { LogLost, TooSlow } from '../../ports/log.ts'
import type { AppendRequest } from '../append-once.ts'
import { createWaker, followBy, type Waker } from '../follow.ts'
import { groupCommit } from '../group-commit.ts'
import { aggregateSql } from './log-aggregate.ts'
import { appendChained, appendPlain } from './log-append.ts'
import { clausesSql, filterSql, values } from './log-filter.ts'
import { rowOf, rowSql } from './log-row.ts'
import { isLost } from './pool.ts'

const queryCanceled = '57014'

function translate(error: unknown): unknown {
  if (error instanceof Error && 'code' in error && error.code === queryCanceled) {
    return new TooSlow('the query outran its time', { cause: error })
  }
  return isLost(error) ? new LogLost('the database is away', { cause: error }) : error
}

/**
 * A log in Postgres. Waiting appends of this process go together: one statement, one commit. `waker` is roused by the
 * listener when other processes append; without one, followers poll every second.
 */
export function postgresLog(needs: {
  readonly pool: Pool
  readonly shape: LogShape
  readonly seal?: Seal
  readonly waker?: Waker
  /** Told after each commit which tenants grew, to notify other processes. */
  readonly grew?: (log: string, tenants: readonly string[]) => void
}): Log {
  const { pool, shape, seal } = needs
  const { table } = shape
  const waker = needs.waker ?? createWaker()
  const stop = new AbortController()
  const keyOf = (tenant: string) => `${shape.name} ${tenant}`

  async function ask<Row = Record<string, unknown>>(
    text: string,
    list: readonly unknown[] = [],
  ): Promise<Row[]> {
    if (stop.signal.aborted) throw new LogLost('the log is closed')
    try {
      return (await pool.query(text, [...list])).rows as Row[]
    } catch (error) {
      throw translate(error)
    }
  }

  /** Runs reads in one snapshot that the server cancels after `timeoutMs`. */
  async function within<Result>(
    timeoutMs: number,
    run: (client: PoolClient) => Promise<Result>,
  ): Promise<Result> {
    if (stop.signal.aborted) throw new LogLost('the log is closed')
    let client: PoolClient | undefined
    try {
      client = await pool.connect()
      const ms = Math.max(1, Math.round(timeoutMs))
      await client.query(
        `begin isolation level repeatable read read only; set local statement_timeout = ${ms}`,
      )
      const result = await run(client)
      await client.query('commit')
      client.release()
      return result
    } catch (error) {
      // A connection whose transaction broke off is not given to others.
      client?.release(true)
      throw translate(error)
    }
  }

  const commits = groupCommit<AppendRequest, Awaited<ReturnType<Log['append']>>>({
    weigh: (request) => request.entries.length,
    maxWeight: 4_000,
    async commit(requests) {
      try {
        const verdicts = await (shape.chained && seal
          ? appendChained(pool, shape, seal, requests)
          : appendPlain(pool, shape, requests))
        const grown = [...new Set(requests.map((request) => request.tenant))]
        for (const tenant of grown) waker.wake(keyOf(tenant))
        needs.grew?.(shape.name, grown)
        return verdicts
      } catch (error) {
        throw translate(error)
      }
    },
  })

  const log: Log = {
    async append(tenant, entries) {
      if (stop.signal.aborted) throw new LogLost('the log is closed')
      return entries.length === 0 ? [] : commits.submit({ tenant, entries })
    },
    async head(tenant) {
      const rows = await ask<{ last: string }>(
        'select last from console_log_heads where log = $1 and tenant_id = $2',
        [shape.name, tenant],
      )
      return Number(rows[0]?.last ?? 0)
    },
    async floor(tenant) {
      const rows = await ask<{ floor: string }>(
        'select floor from console_log_heads where log = $1 and tenant_id = $2',
        [shape.name, tenant],
      )
      return Number(rows[0]?.floor ?? 1)
    },
    async get(tenant, id) {
      const rows = await ask(`select ${rowSql(shape)} from ${table} l where l.tenant_id = $1 and l.id = $2`, [
        tenant,
        id,
      ])
      return rows[0] === undefined ? null : rowOf(shape, rows[0])
    },
    async read(tenant, after, limit, upTo) {
      const until = upTo === undefined ? '' : ' and l.position <= $4'
      const rows = await ask(
        `select ${rowSql(shape)} from ${table} l where l.tenant_id = $1 and l.position > $2${until} order by l.position limit $3`,
        [tenant, after, limit, ...(upTo === undefined ? [] : [upTo])],
      )
      return rows.map((row) => rowOf(shape, row))
    },
    async positionAt(tenant, instant) {
      const rows = await ask<{ position: string | null }>(
        `select max(l.position) as position from ${table} l where l.tenant_id = $1 and l.received_at <= $2`,
        [tenant, new Date(instant).toISOString()],
      )
      return Number(rows[0]?.position ?? 0)
    },
    follow: (tenant, after, signal) =>
      followBy({
        key: keyOf(tenant),
        after,
        signal: AbortSignal.any([signal, stop.signal]),
        waker,
        pollMs: 1_000,
        read: (from, limit) => log.read(tenant, from, limit),
      }),
    async query(tenant, { filter, by, direction, limit, behind }, timeoutMs) {
      const { list, put } = values()
      const conditions = [filterSql(shape, tenant, filter, put)]
      const order = by === 'time' ? ['l.occurred_at', 'l.position'] : ['l.position']
      if (behind !== undefined) {
        const than = direction === 'asc' ? '>' : '<'
        const at = put(behind.position)
        conditions.push(
          by === 'time'
            ? `(l.occurred_at, l.position) ${than} (${put(new Date(behind.occurredAt).toISOString())}::timestamptz, ${at}::bigint)`
            : `l.position ${than} ${at}::bigint`,
        )
      }
      const text = `select ${rowSql(shape)} from ${table} l where ${conditions.join(' and ')} order by ${order.map((column) => `${column} ${direction}`).join(', ')} limit ${put(limit)}`
      return within(timeoutMs, async (client) => {
        const { rows } = await client.query(text, list)
        return rows.map((row): Stored => rowOf(shape, row))
      })
    },
    aggregate: (tenant, filter, groupings, timeoutMs) =>
      within(timeoutMs, async (client) => {
        const answers = groupings.map((): ReturnType<ReturnType<typeof aggregateSql>[0]['rows']> => [])
        for (const statement of aggregateSql(shape, tenant, filter, groupings)) {
          const { rows } = await client.query(statement.text, [...statement.values])
          for (const index of statement.answers) answers[index] = statement.rows(index, rows)
        }
        return answers
      }),
    async saveCheckpoint(tenant, fold, source, { position, state }) {
      await ask(
        `insert into console_log_checkpoints (log, tenant_id, fold, source, position, state) values ($1, $2, $3, $4, $5, $6)
         on conflict (log, tenant_id, fold, source, position) do update set state = excluded.state`,
        [shape.name, tenant, fold, source, position, state],
      )
    },
    async loadCheckpoint(tenant, fold, source, upTo) {
      const rows = await ask<{ position: string; state: string }>(
        `select position, state from console_log_checkpoints
         where log = $1 and tenant_id = $2 and fold = $3 and source = $4 and position <= $5 order by position desc limit 1`,
        [shape.name, tenant, fold, source, upTo],
      )
      const found = rows[0]
      return found === undefined ? null : { position: Number(found.position), state: found.state }
    },
    async prune(tenant, before, where) {
      const { list, put } = values()
      const condition = `l.tenant_id = ${put(tenant)} and l.received_at < ${put(new Date(before).toISOString())}::timestamptz and ${clausesSql(shape, where, put)}`
      const floor =
        where === undefined
          ? `, raised as (update console_log_heads h set floor = greatest(h.floor, 1 + (select max(position) from gone))
             where h.log = ${put(shape.name)} and h.tenant_id = ${put(tenant)} and exists (select from gone))`
          : ''
      const rows = await ask<{ count: string }>(
        `with gone as (delete from ${table} l where ${condition} returning l.position)${floor} select count(*) as count from gone`,
        list,
      )
      return Number(rows[0]?.count ?? 0)
    },
    async tenants() {
      const rows = await ask<{ tenant_id: string }>(
        'select tenant_id from console_log_heads where log = $1 and last > 0 order by 1',
        [shape.name],
      )
      return rows.map((row) => row.tenant_id)
    },
    async check() {
      await ask('select 1')
    },
    async close() {
      stop.abort()
      await commits.idle()
    },
  }
  return log
}
