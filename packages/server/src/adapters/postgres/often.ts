import { hash } from 'node:crypto'
import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg'

// What is asked less often is planned each time: each plan that stays costs every connection its memory.
const often = 1_000
const mostTexts = 64

/** SQLSTATEs by which a pooler, or a table that changed, says that a statement is not prepared as it was. */
const unprepared = new Set(['26000', '42P05', '0A000'])

/** Asks what is asked over and over, on a pool or on a connection of it. */
export type AskOften = <Line extends QueryResultRow>(
  on: Pick<Pool | PoolClient, 'query'>,
  text: string,
  values: unknown[],
) => Promise<QueryResult<Line>>

/**
 * Makes statements that were asked a thousand times stay prepared on their connections, parsed and planned once. They
 * are planned anew at each ten times as many, as the plan for a young table may read all of it. Where a pooler knows no
 * prepared statements that is noticed, and they are sent whole again: what was refused so had not begun.
 */
export function createAskOften(): AskOften {
  const asked = new Map<string, { count: number; readonly digest: string }>()
  let isOff = false

  function configOf(text: string, values: unknown[]): QueryConfig {
    let mine = asked.get(text)
    if (mine === undefined) {
      // Those of tables that nobody asks any more make room.
      if (asked.size >= 10_000) asked.clear()
      mine = { count: 0, digest: hash('sha256', text, 'hex').slice(0, 24) }
      asked.set(text, mine)
    }
    mine.count += 1
    if (isOff || mine.count <= often || !isAmongFirst(mine.digest)) return { text, values }
    return { name: `${mine.digest}_${String(mine.count).length}`, text, values }
  }

  const prepared = new Set<string>()
  function isAmongFirst(digest: string): boolean {
    if (prepared.size < mostTexts) prepared.add(digest)
    return prepared.has(digest)
  }

  return async <Line extends QueryResultRow>(
    on: Pick<Pool | PoolClient, 'query'>,
    text: string,
    values: unknown[],
  ) => {
    const config = configOf(text, values)
    if (config.name === undefined) return on.query<Line>(config)
    try {
      return await on.query<Line>(config)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null
      if (typeof code !== 'string' || !unprepared.has(code)) throw error
      isOff = true
      return on.query<Line>({ text, values })
    }
  }
}
