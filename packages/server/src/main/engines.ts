import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Pool } from 'pg'
import { createWaker } from '../adapters/follow.ts'
import { jsonlLog } from '../adapters/jsonl/log.ts'
import type { LogIndex } from '../adapters/log-index.ts'
import { postgresKeep } from '../adapters/postgres/keep.ts'
import { postgresLog } from '../adapters/postgres/log.ts'
import { createNotifier } from '../adapters/postgres/notify.ts'
import { openPool } from '../adapters/postgres/pool.ts'
import { postgresTables } from '../adapters/postgres/tables.ts'
import { redisKeep } from '../adapters/redis/keep.ts'
import { sqliteKeep } from '../adapters/sqlite/keep.ts'
import { sqliteLog } from '../adapters/sqlite/log.ts'
import { openSqlite } from '../adapters/sqlite/open.ts'
import { sqliteTables } from '../adapters/sqlite/tables.ts'
import type { Config } from '../config/resolve.ts'
import { decisionsShape } from '../core/decisions-shape.ts'
import { recordsShape } from '../features/records/shape.ts'
import { telemetryShape } from '../features/telemetry/shape.ts'
import { type Ports, sealDecision } from '../platform.ts'
import type { Keep } from '../ports/keep.ts'
import type { LogShape } from '../ports/log.ts'
import { lockFolder } from './local-files.ts'

/** The engines of a configuration, opened. */
export interface Engines {
  readonly ports: Ports
  /** The pool of the database, where there is one; for checks and migrations. */
  readonly pool: Pool | null
  close(): Promise<void>
}

export interface EngineNeeds {
  readonly now: () => number
  readonly randomId: () => string
  /** Something that a person should read, such as a torn tail that was cut. */
  readonly report: (what: string) => void
}

/** Whether any of this configuration stands on Postgres. */
export function isPostgres(config: Pick<Config, 'storage' | 'tablesStorage'>): boolean {
  return config.storage === 'postgres' || config.tablesStorage === 'postgres'
}

const seals = (shape: LogShape) => (shape.chained ? { seal: sealDecision } : {})

/** The local SQLite file, migrated. */
export function openStore(config: Pick<Config, 'dataDir' | 'storage' | 'databaseUrl'>): DatabaseSync {
  const path =
    config.storage === 'sqlite' && config.databaseUrl !== null
      ? config.databaseUrl.replace(/^(sqlite|file):(\/\/)?/, '')
      : join(config.dataDir, 'quarterdeck.sqlite')
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return openSqlite({ path, now: Date.now, by: 'start' })
}

/** Opens what a configuration names. Local storage is taken for this process alone where it must be. */
export async function openEngines(config: Config, needs: EngineNeeds): Promise<Engines> {
  return config.storage === 'postgres' ? openHosted(config, needs) : openLocal(config, needs)
}

function openHosted(config: Config, needs: EngineNeeds): Engines {
  const { pool, waker, notifier, tables, closePool } = openDatabase(config, needs)
  const db = config.tablesStorage === 'sqlite' ? openStore(config) : null
  const log = (shape: LogShape) => postgresLog({ pool, shape, waker, grew: notifier.grew, ...seals(shape) })
  const ports: Ports = {
    records: log(recordsShape),
    telemetry: log(telemetryShape),
    decisions: log(decisionsShape),
    keep: config.keepStorage === 'redis' ? openRedis(config, needs) : postgresKeep({ pool, ...needs }),
    tables: db === null ? tables() : sqliteTables({ db, ...needs }),
  }
  return {
    ports,
    pool,
    async close() {
      await closePorts(ports)
      db?.close()
      await closePool()
    },
  }
}

/** The database of a configuration, with what hears of others' commits in it. */
function openDatabase(config: Config, needs: EngineNeeds) {
  const url = config.databaseUrl ?? ''
  const pool = openPool({ url, max: 16 })
  const waker = createWaker()
  const notifier = createNotifier({ pool, url: config.directUrl ?? url, waker })
  return {
    pool,
    waker,
    notifier,
    tables: () => postgresTables({ pool, ...needs, waker, grew: notifier.grew }),
    async closePool() {
      await notifier.close()
      await pool.end()
    },
  }
}

async function openLocal(config: Config, needs: EngineNeeds): Promise<Engines> {
  const unlock = config.storage === 'local-jsonl' ? lockFolder(config.dataDir) : () => undefined
  const db = openStore(config)
  const logOf = async (shape: LogShape) => {
    if (config.storage === 'sqlite') return sqliteLog({ db, shape, now: needs.now, ...seals(shape) })
    const folder = join(config.dataDir, 'logs', shape.name)
    return jsonlLog({
      folder,
      shape,
      openIndex: (anew) => openIndex(folder, shape, anew, needs),
      report: needs.report,
      ...seals(shape),
    })
  }
  const database = config.tablesStorage === 'postgres' ? openDatabase(config, needs) : null
  const ports: Ports = {
    records: await logOf(recordsShape),
    telemetry: await logOf(telemetryShape),
    decisions: await logOf(decisionsShape),
    keep: config.keepStorage === 'redis' ? openRedis(config, needs) : sqliteKeep({ db, ...needs }),
    tables: database?.tables() ?? sqliteTables({ db, ...needs }),
  }
  return {
    ports,
    pool: database?.pool ?? null,
    async close() {
      await closePorts(ports)
      await database?.closePool()
      if (db.isOpen) db.close()
      unlock()
    },
  }
}

/** The index beside a log's files. It can be made anew, so it need not be synced with every write. */
function openIndex(folder: string, shape: LogShape, anew: boolean, needs: EngineNeeds): LogIndex {
  const path = `${folder}.index.sqlite`
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (anew) for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  const db = openSqlite({ path, now: needs.now, by: 'start', copy: true })
  const index = sqliteLog({ db, shape, now: needs.now })
  return {
    ...index,
    async close() {
      await index.close()
      if (db.isOpen) db.close()
    },
  }
}

function openRedis(config: Config, needs: EngineNeeds): Keep {
  return redisKeep({ url: config.redisUrl ?? '', ...needs })
}

async function closePorts(ports: Ports): Promise<void> {
  for (const port of [ports.records, ports.telemetry, ports.decisions, ports.keep, ports.tables])
    await port.close()
}
