import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** A database of one test; `drop` ends whoever is still connected. May be called twice. */
export interface FreshDatabase {
  readonly url: string
  drop(): Promise<void>
}

async function asAdmin(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** A new database, migrated unless it shall be `empty`. Throws where the run goes without Postgres. */
export async function freshDatabase(options: { readonly empty?: boolean } = {}): Promise<FreshDatabase> {
  const admin = inject('postgresUrl')
  if (admin === null) throw new Error('this test needs Postgres, which WITHOUT leaves out')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await asAdmin(
    admin,
    `create database ${name} template ${options.empty ? 'template0' : 'quarterdeck_template'}`,
  )
  const url = new URL(admin)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () => asAdmin(admin, `drop database if exists ${name} with (force)`),
  }
}

/** The run's Redis. Tests share it: each takes key names of its own. */
export function redisUrl(): string {
  const url = inject('redisUrl')
  if (url === null) throw new Error('this test needs Redis, which WITHOUT leaves out')
  return url
}
