import { fileURLToPath } from 'node:url'
import type { ClientBase, Pool } from 'pg'
import {
  compareLedger,
  type LedgerState,
  type MigrationFile,
  MigrationRefused,
  readMigrations,
} from '../migration-files.ts'
import { notTransactional } from './statements.ts'
import { admitRegisters } from './tables-admit.ts'

/** Where the product's own migrations lie. */
export const migrationsFolder = fileURLToPath(new URL('./migrations/', import.meta.url))

// Any number will do, as long as every migrator of this product takes the same.
const lockKey = '7163459182340116'
const undefinedTable = '42P01'

/** A migration that was planned or applied. */
export interface MigrationStep {
  readonly version: string
  readonly checksum: string
  readonly breaking: boolean
}

/** One line of the ledger or one file not yet in it. Times are Unix ms. */
export interface MigrationStatus extends MigrationStep {
  /** `edited`: applied from other bytes than the file has. `unknown`: applied, but there is no such file. */
  readonly state: 'applied' | 'pending' | 'edited' | 'unknown'
  readonly appliedAt: number | null
  readonly appliedBy: string | null
}

type Queryable = Pick<ClientBase | Pool, 'query'>

interface LedgerRow extends MigrationStep {
  readonly applied_at: Date
  readonly applied_by: string
}

/** What the folder holds, checked. Needs no database. Throws `MigrationRefused`. */
export function plan(folder: string = migrationsFolder): readonly MigrationStep[] {
  return checked(folder).map(({ version, checksum, breaking }) => ({ version, checksum, breaking }))
}

function checked(folder: string): readonly MigrationFile[] {
  const files = readMigrations(folder)
  for (const file of files) {
    const statement = notTransactional(file.text)
    if (statement !== null)
      throw new MigrationRefused('not_transactional', file.version, statement.slice(0, 80))
  }
  return files
}

/** The ledger; empty where the database has none. */
async function ledger(client: Queryable): Promise<readonly LedgerRow[]> {
  try {
    const text =
      'select version, checksum, breaking, applied_at, applied_by from console_schema_migrations order by version'
    return (await client.query<LedgerRow>(text)).rows
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === undefinedTable) return []
    throw error
  }
}

/** How the files and the ledger stand to each other, for readiness. */
export async function ledgerState(
  pool: Queryable,
  files: readonly Pick<MigrationFile, 'version' | 'checksum'>[] = plan(),
): Promise<LedgerState> {
  return compareLedger(new Map((await ledger(pool)).map((row) => [row.version, row.checksum])), files)
}

/** Every file and every line of the ledger, in order. */
export async function status(
  client: Queryable,
  folder: string = migrationsFolder,
): Promise<readonly MigrationStatus[]> {
  const files = plan(folder)
  const rows = new Map((await ledger(client)).map((row) => [row.version, row]))
  const known = new Set(files.map((file) => file.version))
  const told = (row: LedgerRow) => ({ appliedAt: row.applied_at.getTime(), appliedBy: row.applied_by })
  return [
    ...files.map((file): MigrationStatus => {
      const row = rows.get(file.version)
      if (row === undefined) return { ...file, state: 'pending', appliedAt: null, appliedBy: null }
      return { ...file, state: row.checksum === file.checksum ? 'applied' : 'edited', ...told(row) }
    }),
    ...[...rows.values()]
      .filter((row) => !known.has(row.version))
      .map(
        (row): MigrationStatus => ({
          version: row.version,
          checksum: row.checksum,
          breaking: row.breaking,
          state: 'unknown',
          ...told(row),
        }),
      ),
  ].sort((a, b) => (a.version < b.version ? -1 : 1))
}

const createLedger = `create table if not exists console_schema_migrations (
  version text primary key,
  checksum text not null,
  breaking boolean not null,
  applied_at timestamptz not null,
  applied_by text not null
)`

/**
 * Applies what is missing, in order: one transaction per file together with its ledger row, under one lock, so that
 * two migrators apply each file once. Registers of tables that were made by hand are given our shape first. Answers what
 * this one applied. Throws `MigrationRefused` before anything runs
 * when a file cannot run in a transaction or an applied one was edited; an SQL error leaves the files before it applied.
 */
export async function migrate(needs: {
  /** A connection of its own, not in a transaction. */
  readonly client: ClientBase
  /** Who applies, for the ledger. */
  readonly by: string
  readonly now: () => number
  readonly folder?: string
}): Promise<readonly MigrationStep[]> {
  const { client } = needs
  const files = checked(needs.folder ?? migrationsFolder)

  /** Runs in a transaction that holds the lock; whoever waited for it sees what the one before committed. */
  async function locked<Result>(run: () => Promise<Result>): Promise<Result> {
    await client.query('begin')
    try {
      await client.query(`select pg_advisory_xact_lock(${lockKey})`)
      const result = await run()
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch(() => undefined)
      throw error
    }
  }

  async function applyOne(file: MigrationFile): Promise<boolean> {
    const known = await client.query<{ checksum: string }>(
      'select checksum from console_schema_migrations where version = $1',
      [file.version],
    )
    const row = known.rows[0]
    if (row !== undefined) {
      if (row.checksum !== file.checksum) throw edited(file.version)
      return false
    }
    await client.query(file.text)
    await client.query(
      `insert into console_schema_migrations (version, checksum, breaking, applied_at, applied_by)
       values ($1, $2, $3, $4, $5)`,
      [file.version, file.checksum, file.breaking, new Date(needs.now()), needs.by],
    )
    return true
  }

  await locked(async () => {
    await client.query(createLedger)
    const [version] = (await ledgerState(client, files)).edited
    if (version !== undefined) throw edited(version)
    if ((await ledger(client)).every((row) => row.version < '0007')) await admitRegisters(client)
  })
  const applied: MigrationStep[] = []
  for (const file of files) {
    const { version, checksum, breaking } = file
    if (await locked(() => applyOne(file))) applied.push({ version, checksum, breaking })
  }
  return applied
}

function edited(version: string) {
  return new MigrationRefused('migration_edited', version, 'its bytes are not those that were applied')
}
