import type { Outcome, Tables } from '../../src/ports/tables.ts'

/** One transaction that touches all that a commit can touch, on a tenant of its own. */
export interface CommitScene {
  readonly tenant: string
  readonly sid: string
  readonly key: string
}

/** The scene of a tenant. */
export function sceneOf(tenant: string): CommitScene {
  return { tenant, sid: `sid of ${tenant}`, key: `key of ${tenant}` }
}

const principal = 'me'
const migration = { id: '0001_words', checksum: 'sum' }

/** Makes what the transaction finds: a table with a unique index, two rows in it, and an empty table. */
export async function prepareScene(tables: Tables, { tenant }: CommitScene): Promise<void> {
  await tables.prepare(tenant, [
    { name: 'notes', indexes: [{ fields: ['n'], unique: true }], listed: true },
    { name: 'marks', indexes: [], owned: true },
  ])
  const tx = tables.begin({ tenant })
  tx.set('notes', 'x', { n: 1 }, principal)
  tx.set('notes', 'y', { n: 2 }, principal)
  await tx.commit()
}

/**
 * Goes up to the commit: the transaction was put away as a session and taken up again, and another one committed since it
 * began. Answers what commits it.
 */
export async function arrange(tables: Tables, scene: CommitScene): Promise<() => Promise<Outcome>> {
  const { tenant, sid, key } = scene
  const tx = tables.begin({ tenant, sid })
  await tx.get('notes', 'x')
  tx.set('notes', 'x', { n: 3 }, principal)
  tx.delete('notes', 'y')
  tx.set('marks', 'z', { n: 4 }, principal)
  await tables.suspend(tx, { principal, expiresAt: new Date(Date.now() + 3_600_000) })
  const other = tables.begin({ tenant })
  other.set('marks', 'other', 1, principal)
  await other.commit()
  const session = await tables.resume(tenant, principal, sid)
  if (session === null) throw new Error('the session is gone')
  return () =>
    session.tx.commit({
      ...{ principal, function: 'move', hash: 'h', request: 'r', idempotency: key, result: { moved: true } },
      ...{ bits: { notes: 7, marks: 6 }, migration },
    })
}

/** What is there of the transaction; it was made void, if it had not committed. */
export async function whatStands(tables: Tables, scene: CommitScene) {
  const { tenant, sid, key } = scene
  const outcome = await tables.settle(tenant, sid)
  const tx = tables.begin({ tenant })
  const rows = [await tx.get('notes', 'x'), await tx.get('notes', 'y'), await tx.get('marks', 'z')]
  const versions = await tables.versions(tenant, 'notes', 'x', { limit: 10 })
  return {
    outcome,
    last: await tx.snapshot(),
    data: rows.map((row) => row?.data ?? null),
    versions: versions.length,
    remembered: await tables.recall(tenant, key),
    migrations: (await tables.migrations(tenant)).size,
    sessions: await tables.suspended(tenant, principal),
    unique: (await tx.query('notes', { where: { n: { gte: 0 } } })).rows.map((row) => row.id),
  }
}

/** All of it, as commit number 3, at the time that its outcome says. */
export function whole(at: Date) {
  return {
    outcome: { state: 'committed', number: 3, at },
    last: 3,
    data: [{ n: 3 }, null, { n: 4 }],
    versions: 2,
    remembered: { number: 3, at, request: 'r', result: { moved: true } },
    migrations: 1,
    sessions: 0,
    unique: ['x'],
  }
}

/** Nothing of it. */
export const nothing = {
  outcome: { state: 'aborted', why: 'conflict' },
  last: 2,
  data: [{ n: 1 }, { n: 2 }, null],
  versions: 1,
  remembered: null,
  migrations: 0,
  sessions: 1,
  unique: ['x', 'y'],
}
