import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { compareLedger, type LedgerState, MigrationRefused, readMigrations } from '../migration-files.ts'
import { admitRegisters } from './tables-admit.ts'

/** Where the product's own migrations for SQLite lie. */
export const sqliteMigrationsFolder = fileURLToPath(new URL('./migrations/', import.meta.url))

const createLedger = `create table if not exists console_schema_migrations (
  version text primary key,
  checksum text not null,
  breaking integer not null,
  applied_at integer not null,
  applied_by text not null
) strict`

// SQLITE_BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB.
const lostCodes = new Set([5, 6, 8, 10, 11, 13, 14, 26])

/** Whether an error says that the file is away, damaged, full, or held by others for longer than the busy timeout. */
export function isSqliteLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && error.code === 'ERR_INVALID_STATE') return true
  // The low byte is the class of an extended result code.
  return 'errcode' in error && typeof error.errcode === 'number' && lostCodes.has(error.errcode & 0xff)
}

/** Runs in one write transaction; an error rolls it back. Nothing may be awaited in between. */
export function immediately<Result>(db: DatabaseSync, run: () => Result): Result {
  db.exec('begin immediate')
  try {
    const result = run()
    db.exec('commit')
    return result
  } catch (error) {
    if (db.isOpen && db.isTransaction) db.exec('rollback')
    throw error
  }
}

function applied(db: DatabaseSync): Map<string, string> {
  const there = db.prepare("select 1 from sqlite_schema where name = 'console_schema_migrations'").get()
  if (there === undefined) return new Map()
  const rows = db.prepare('select version, checksum from console_schema_migrations').all()
  return new Map(rows.map((row) => [String(row.version), String(row.checksum)]))
}

/** How the files and the file's ledger stand to each other, for readiness. */
export function sqliteLedgerState(db: DatabaseSync, folder: string = sqliteMigrationsFolder): LedgerState {
  return compareLedger(applied(db), readMigrations(folder))
}

/**
 * Applies what is missing, each file in one transaction with its ledger row; registers of tables that were made by hand
 * are given our shape first. Answers the versions that this call applied. Throws `MigrationRefused` when an applied file was edited; SQL errors leave the files before it applied.
 */
export function migrateSqlite(
  db: DatabaseSync,
  needs: { readonly now: () => number; readonly by: string; readonly folder?: string },
): readonly string[] {
  const files = readMigrations(needs.folder ?? sqliteMigrationsFolder)
  const state = compareLedger(applied(db), files)
  const [version] = state.edited
  if (version !== undefined) {
    throw new MigrationRefused('migration_edited', version, 'its bytes are not those that were applied')
  }
  if (state.behind.length === 0) return []
  return files
    .filter((file) =>
      immediately(db, () => {
        db.exec(createLedger)
        // Asked again under the lock: another process may have come first.
        if (applied(db).has(file.version)) return false
        if (file.version < '0007') admitRegisters(db)
        db.exec(file.text)
        db.prepare('insert into console_schema_migrations values (?, ?, ?, ?, ?)').run(
          file.version,
          file.checksum,
          file.breaking ? 1 : 0,
          needs.now(),
          needs.by,
        )
        return true
      }),
    )
    .map((file) => file.version)
}

/**
 * Opens a database file (made when absent) in WAL mode. `synchronous: 'full'` (the default) keeps the promise that what
 * is acknowledged is on disk; `'off'` is for tests. Applies the migrations unless `migrate` is false.
 */
export function openSqlite(options: {
  readonly path: string
  readonly now: () => number
  readonly synchronous?: 'full' | 'off'
  /** A copy that can be made anew from elsewhere: it need not be synced with every write, nor be written back often. */
  readonly copy?: boolean
  /** How long to wait for another process's write, ms. */
  readonly busyTimeoutMs?: number
  readonly migrate?: boolean
  /** Who applies migrations, for the ledger. */
  readonly by?: string
}): DatabaseSync {
  const db = new DatabaseSync(options.path, {
    timeout: options.busyTimeoutMs ?? 5_000,
    enableForeignKeyConstraints: true,
  })
  try {
    db.exec(`pragma journal_mode = wal; pragma synchronous = ${options.synchronous ?? 'full'}`)
    if (options.copy)
      db.exec('pragma synchronous = normal; pragma wal_autocheckpoint = 4000; pragma cache_size = -16384')
    if (options.migrate ?? true) migrateSqlite(db, { now: options.now, by: options.by ?? 'open' })
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
