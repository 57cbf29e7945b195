import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../src/adapters/postgres/migrate.ts'
import { leftOut } from './left-out.ts'
import { type Started, startPostgres } from './start-postgres.ts'
import { startRedis } from './start-redis.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** An administrator's URL of the run's Postgres; null when it was left out. */
    postgresUrl: string | null
    /** The run's Redis; null when it was left out. */
    redisUrl: string | null
  }
}

/** The migrated database that the databases of the tests are copies of. */
export const templateDatabase = 'quarterdeck_template'

/** Made here, before any worker, as a copy wants its template free of connections. */
async function makeTemplate(url: string) {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(`create database ${templateDatabase}`)
  const template = new URL(url)
  template.pathname = `/${templateDatabase}`
  const client = new pg.Client({ connectionString: template.href })
  await client.connect()
  await migrate({ client, by: 'tests', now: Date.now })
  await client.end()
  await admin.query(`alter database ${templateDatabase} with is_template true allow_connections false`)
  await admin.end()
}

/** Starts the engines of a test run once, and ends just those. */
export default async function setup(project: TestProject) {
  const absent = leftOut(process.env)
  const started: Started[] = []
  const stop = async () => {
    for (const engine of started.splice(0)) await engine.stop()
  }
  try {
    if (!absent.includes('postgres')) {
      const postgres = await startPostgres()
      started.push(postgres)
      await makeTemplate(postgres.url)
    }
    project.provide('postgresUrl', started.at(-1)?.url ?? null)
    const redis = absent.includes('redis') ? null : await startRedis()
    if (redis !== null) started.push(redis)
    project.provide('redisUrl', redis?.url ?? null)
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}
