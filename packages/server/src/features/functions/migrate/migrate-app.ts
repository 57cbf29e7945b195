import { fault } from '@quarterdeck/sdk/errors'
import type { Outcome, Tables } from '../../../ports/tables.ts'
import type { LoadedApp } from '../loaded-app.ts'
import { migrationTables } from '../tables/open-tables.ts'
import { shapesOf } from '../tables/table-shapes.ts'

export interface MigrateNeeds {
  readonly app: LoadedApp
  readonly tables: Tables
  /** Names rows that are appended. */
  readonly newId: () => string
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

type Step = LoadedApp['manifest']['migrations'][number]

const mostAttempts = 20
const mostQuestions = 10

/**
 * Brings a tenant to the app: its tables and indexes, then each migration that it lacks, in one transaction with the
 * line that says so. Answers those that were applied here; it may be run again, and by several processes at once. Throws
 * `not_migrated` when one that was applied has changed since, or rows clash in a unique index.
 */
export async function migrateApp(needs: MigrateNeeds, tenant: string): Promise<{ applied: string[] }> {
  const { app, tables } = needs
  const { migrations } = app.manifest
  const known = await tables.migrations(tenant)
  for (const step of migrations) checkSame(step, known)
  await tables.prepare(tenant, shapesOf(app.manifest)).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === 'NotUnique')) throw error
    const detail = `Rows of ${tenant} that are there clash in a unique index of the app`
    throw fault('not_migrated', detail, { cause: error })
  })
  const applied: string[] = []
  for (const step of migrations)
    if (!known.has(step.id) && (await applyStep(needs, tenant, step))) applied.push(step.id)
  return { applied }
}

/** Whether this process applied it; false when another did. */
async function applyStep(needs: MigrateNeeds, tenant: string, step: Step): Promise<boolean> {
  const up = await needs.app.migration(step.id)
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const tx = needs.tables.begin({ tenant })
    let outcome: Outcome
    try {
      await up(migrationTables({ ...needs, tenant, tx }))
      const { id, checksum } = step
      outcome = await tx.commit({ principal: 'migration', function: id, migration: { id, checksum } })
    } catch (error) {
      tx.abort()
      throw error
    }
    if (outcome.state === 'unknown') outcome = await settled(needs, tenant, tx.sid)
    if (outcome.state === 'committed') return true
    if (outcome.why === 'unique')
      throw fault('unique_violation', `The migration ${step.id} writes a value that is taken`)
    const known = await needs.tables.migrations(tenant)
    checkSame(step, known)
    if (known.has(step.id)) return false
    await needs.pause(10 * attempt, AbortSignal.timeout(1_000))
  }
  throw fault('write_conflict', `The migration ${step.id} met other writers ${mostAttempts} times`)
}

/** What became of a commit whose answer was lost. */
async function settled(
  { tables, pause }: MigrateNeeds,
  tenant: string,
  sid: string,
): Promise<Exclude<Outcome, { state: 'unknown' }>> {
  for (let question = 1; question <= mostQuestions; question += 1) {
    const outcome = await tables.settle(tenant, sid).catch(() => null)
    if (outcome !== null && outcome.state !== 'unknown') return outcome
    await pause(500, AbortSignal.timeout(1_000))
  }
  throw fault('outcome_unknown', 'Whether the migration was applied is not known; run it again')
}

function checkSame({ id, checksum }: Step, known: ReadonlyMap<string, string>): void {
  const there = known.get(id)
  if (there === undefined || there === checksum) return
  throw fault('not_migrated', `The migration ${id} was applied from other bytes than the app has now`)
}
