import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { AggregateRow, Entry, Log, LogShape, Scalar, Seal, Stored } from '../../ports/log.ts'
import { LogLost, TooSlow } from '../../ports/log.ts'
import { type AppendRequest, firstsByTenant, type Placed, placeKey, verdictsOf } from '../append-once.ts'
import { containsText } from '../contains-text.ts'
import { createWaker, followBy } from '../follow.ts'
import { groupCommit } from '../group-commit.ts'
import type { LogIndex } from '../log-index.ts'
import { nearestRank } from '../nearest-rank.ts'
import { aggregateSql } from './log-aggregate.ts'
import { logColumns } from './log-ddl.ts'
import { clausesSql, filterSql, type SqlValue } from './log-filter.ts'
import { immediately, isSqliteLost } from './open.ts'

const noHash = '0'.repeat(64)

/** Teaches a connection what the log's SQL asks of it beyond SQLite. */
function teach(db: DatabaseSync) {
  db.function('contains_text', { deterministic: true }, (payload, needle) =>
    containsText(String(payload), String(needle)) ? 1 : 0,
  )
  // The engine hands the accumulator through untouched; its declared type only knows what SQL can store.
  type Seen = { values: number[]; p: number }
  db.aggregate('nearest_rank', {
    start: () => ({ values: [], p: 0 }) satisfies Seen as unknown as SQLInputValue,
    step: (accumulator, value, p) => {
      const seen = accumulator as unknown as Seen
      if (value !== null) seen.values.push(Number(value))
      seen.p = Number(p)
      return accumulator
    },
    result: (accumulator) => {
      const seen = accumulator as unknown as Seen
      return nearestRank(seen.values, seen.p)
    },
  })
}

/** A log in SQLite. Waiting appends share one transaction. Reads run on the same connection and block the process. */
export function sqliteLog(needs: {
  readonly db: DatabaseSync
  readonly shape: LogShape
  readonly now: () => number
  readonly seal?: Seal
  /** How often followers look for what other processes appended, ms. */
  readonly pollMs?: number
}): LogIndex {
  const { db, shape, seal, now } = needs
  const { table } = shape
  const waker = createWaker()
  const stop = new AbortController()
  teach(db)
  const columns = logColumns(shape)
  const attributeNames = Object.keys(shape.columns)
  const insertText = `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`
  const selectText = `select ${columns.map((name) => `l.${name}`).join(', ')} from ${table} l`
  const prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>()

  function statement(text: string) {
    if (stop.signal.aborted || !db.isOpen) throw new LogLost('the log is closed')
    let found = prepared.get(text)
    if (found === undefined) {
      if (prepared.size > 200) prepared.clear()
      found = db.prepare(text)
      prepared.set(text, found)
    }
    return found
  }
  function all(text: string, values: readonly SqlValue[] = []): Record<string, SqlValue>[] {
    try {
      return statement(text).all(...values) as Record<string, SqlValue>[]
    } catch (error) {
      throw isSqliteLost(error) ? new LogLost('the database file is away', { cause: error }) : error
    }
  }
  const one = (text: string, values: readonly SqlValue[] = []) => all(text, values)[0]

  function storedOf(row: Record<string, SqlValue>): Stored {
    const attributes: Record<string, Scalar> = shape.open ? JSON.parse(row.attributes as string) : {}
    for (const name of attributeNames) attributes[name] = row[name] ?? null
    return {
      tenant: row.tenant_id as string,
      position: row.position as number,
      id: row.id as string,
      digest: row.digest as string,
      occurredAt: row.occurred_at as number,
      receivedAt: row.received_at as number,
      attributes,
      payload: row.payload as string,
      ...(shape.chained ? { prevHash: row.prev_hash as string, hash: row.hash as string } : {}),
    }
  }

  /** Rows by their ids, in one question: asking for each apart costs as much as storing it. */
  function rowsOf(tenant: string, ids: readonly string[]) {
    const text = `select l.id, l.position, l.received_at, l.digest from`
    const list = JSON.stringify(ids)
    // What JSON writes as a code, such as NUL, does not come out of SQLite's JSON as it went in.
    if (ids.length > 1 && !list.includes('\\u'))
      return all(
        `${text} json_each(?) asked cross join ${table} l on l.tenant_id = ? and l.id = asked.value`,
        [list, tenant],
      )
    return ids.flatMap((id) => all(`${text} ${table} l where l.tenant_id = ? and l.id = ?`, [tenant, id]))
  }

  function insert(stored: Stored) {
    const entry = stored
    const bag: Record<string, Scalar> = {}
    for (const [name, value] of Object.entries(entry.attributes)) {
      if (shape.columns[name] === undefined && value !== null) bag[name] = value
    }
    statement(insertText).run(
      entry.tenant,
      entry.position,
      entry.id,
      entry.occurredAt,
      entry.receivedAt,
      entry.digest,
      entry.payload,
      ...attributeNames.map((name) => {
        const value = entry.attributes[name] ?? null
        return typeof value === 'boolean' ? String(value) : value
      }),
      ...(shape.open ? [JSON.stringify(bag)] : []),
      ...(shape.chained ? [entry.prevHash ?? noHash, entry.hash ?? noHash] : []),
    )
  }

  function raise(tenant: string, position: number, tip: string) {
    statement(
      `insert into console_log_heads (log, tenant_id, last, tip) values (?, ?, ?, ?)
       on conflict (log, tenant_id) do update set last = excluded.last, tip = excluded.tip`,
    ).run(shape.name, tenant, position, shape.chained ? tip : null)
  }

  function together(work: () => void) {
    try {
      immediately(db, work)
    } catch (error) {
      throw isSqliteLost(error) ? new LogLost('the database file is away', { cause: error }) : error
    }
  }

  function store(tenant: string, entries: readonly Entry[], placed: Map<string, Placed>) {
    const head = one('select last, tip from console_log_heads where log = ? and tenant_id = ?', [
      shape.name,
      tenant,
    ])
    const first = (head?.last as number | undefined) ?? 0
    let position = first
    let tip = (head?.tip as string | null | undefined) ?? noHash
    const known = log.places(
      tenant,
      entries.map((entry) => entry.id),
    )
    for (const entry of entries) {
      const place = known.get(entry.id)
      if (place === undefined) {
        position += 1
        const plain = { ...entry, tenant, position }
        if (shape.chained && seal) {
          const hash = seal({ ...plain, prevHash: tip })
          insert({ ...plain, prevHash: tip, hash })
          tip = hash
        } else insert(plain)
      }
      const { receivedAt, digest } = place ?? entry
      const fresh = place === undefined
      placed.set(placeKey(tenant, entry.id), {
        position: place?.position ?? position,
        receivedAt,
        digest,
        fresh,
      })
    }
    if (position > first) raise(tenant, position, tip)
  }

  const commits = groupCommit<AppendRequest, Awaited<ReturnType<Log['append']>>>({
    weigh: (request) => request.entries.length,
    maxWeight: 4_000,
    async commit(requests) {
      const placed = new Map<string, Placed>()
      const firsts = firstsByTenant(requests)
      together(() => {
        for (const [tenant, entries] of firsts) store(tenant, entries, placed)
      })
      for (const tenant of firsts.keys()) waker.wake(tenant)
      return verdictsOf(requests, placed)
    },
  })

  const log: LogIndex = {
    places(tenant, ids) {
      const found = new Map<string, Omit<Placed, 'fresh'>>()
      for (const row of rowsOf(tenant, ids)) {
        found.set(row.id as string, {
          position: row.position as number,
          receivedAt: row.received_at as number,
          digest: row.digest as string,
        })
      }
      return found
    },
    restore(tenant, entries) {
      const last = entries.at(-1)
      if (last === undefined) return
      together(() => {
        for (const entry of entries) insert(entry)
        raise(tenant, last.position, last.hash ?? noHash)
      })
      waker.wake(tenant)
    },
    async append(tenant, entries) {
      if (stop.signal.aborted) throw new LogLost('the log is closed')
      return entries.length === 0 ? [] : commits.submit({ tenant, entries })
    },
    async head(tenant) {
      return (
        (one('select last from console_log_heads where log = ? and tenant_id = ?', [shape.name, tenant])
          ?.last as number) ?? 0
      )
    },
    async floor(tenant) {
      return (
        (one('select floor from console_log_heads where log = ? and tenant_id = ?', [shape.name, tenant])
          ?.floor as number) ?? 1
      )
    },
    async get(tenant, id) {
      const row = one(`${selectText} where l.tenant_id = ? and l.id = ?`, [tenant, id])
      return row === undefined ? null : storedOf(row)
    },
    async read(tenant, after, limit, upTo = Number.MAX_SAFE_INTEGER) {
      return all(
        `${selectText} where l.tenant_id = ? and l.position > ? and l.position <= ? order by l.position limit ?`,
        [tenant, after, upTo, limit],
      ).map(storedOf)
    },
    async positionAt(tenant, instant) {
      return (
        (one(`select max(position) as position from ${table} where tenant_id = ? and received_at <= ?`, [
          tenant,
          instant,
        ])?.position as number) ?? 0
      )
    },
    follow: (tenant, after, signal) =>
      followBy({
        key: tenant,
        after,
        signal: AbortSignal.any([signal, stop.signal]),
        waker,
        pollMs: needs.pollMs ?? 250,
        read: (from, limit) => log.read(tenant, from, limit),
      }),
    async query(tenant, { filter, by, direction, limit, behind }) {
      const where = filterSql(shape, tenant, filter)
      const values = [...where.values]
      let text = `${selectText} where ${where.text}`
      if (behind !== undefined) {
        const than = direction === 'asc' ? '>' : '<'
        text +=
          by === 'time' ? ` and (l.occurred_at, l.position) ${than} (?, ?)` : ` and l.position ${than} ?`
        values.push(...(by === 'time' ? [behind.occurredAt, behind.position] : [behind.position]))
      }
      const order =
        by === 'time' ? `l.occurred_at ${direction}, l.position ${direction}` : `l.position ${direction}`
      return all(`${text} order by ${order} limit ?`, [...values, limit]).map(storedOf)
    },
    async aggregate(tenant, filter, groupings, timeoutMs) {
      const until = now() + timeoutMs
      return groupings.map((grouping) => {
        // SQLite cannot be stopped midway here, so the time is held against it between groupings.
        if (now() > until) throw new TooSlow('the query outran its time')
        const found = aggregateSql(shape, tenant, filter, grouping)
        const names = Object.keys(grouping.measures)
        return all(found.text, found.values).map(
          (row): AggregateRow => ({
            key: grouping.by.map((_, index) => row[`k${index}`] ?? null),
            values: Object.fromEntries(
              names.map((name, index) => [name, (row[`m${index}`] as number | null) ?? null]),
            ),
          }),
        )
      })
    },
    async saveCheckpoint(tenant, fold, source, { position, state }) {
      statement(
        `insert into console_log_checkpoints (log, tenant_id, fold, source, position, state) values (?, ?, ?, ?, ?, ?)
         on conflict (log, tenant_id, fold, source, position) do update set state = excluded.state`,
      ).run(shape.name, tenant, fold, source, position, state)
    },
    async loadCheckpoint(tenant, fold, source, upTo) {
      const row = one(
        `select position, state from console_log_checkpoints
         where log = ? and tenant_id = ? and fold = ? and source = ? and position <= ? order by position desc limit 1`,
        [shape.name, tenant, fold, source, upTo],
      )
      return row === undefined ? null : { position: row.position as number, state: row.state as string }
    },
    async prune(tenant, before, where) {
      const clauses = clausesSql(shape, where)
      const gone = all(
        `delete from ${table} as l where l.tenant_id = ? and l.received_at < ? and ${clauses.text} returning position`,
        [tenant, before, ...clauses.values],
      )
      if (where === undefined && gone.length > 0) {
        const floor = 1 + gone.reduce((last, row) => Math.max(last, row.position as number), 0)
        statement('update console_log_heads set floor = max(floor, ?) where log = ? and tenant_id = ?').run(
          floor,
          shape.name,
          tenant,
        )
      }
      return gone.length
    },
    async tenants() {
      return all('select tenant_id from console_log_heads where log = ? and last > 0 order by 1', [
        shape.name,
      ]).map((row) => row.tenant_id as string)
    },
    async check() {
      one('select 1')
    },
    async close() {
      stop.abort()
      await commits.idle()
    },
  }
  return log
}
