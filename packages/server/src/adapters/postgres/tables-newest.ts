import type { Pool } from 'pg'
import { readNumber } from '../read-number.ts'
import type { AskOften } from './often.ts'
import { firstSql, newestOfSql, type VersionLine } from './tables-sql.ts'

// Statements on their way for one table. Below that nobody waits for anybody.
const mostRunning = 4
const mostTogether = 200

/** The last commit, and the newest version of a row as of the same moment, deleted or not. */
export interface Newest {
  readonly last: number
  readonly line: VersionLine | undefined
}

type Line = VersionLine & { last: string }

interface Waiting {
  readonly id: string
  resolve(newest: Newest): void
  reject(error: unknown): void
}

/**
 * Reads newest versions by their ids. While four statements for a table are on their way, whoever asks waits for the next
 * one and shares it: each statement is sent after all that it answers were asked.
 */
export function newestReader(needs: {
  readonly pool: Pool
  readonly askOften: AskOften
}): (place: { readonly tenant: string; readonly ptr: string }, id: string) => Promise<Newest> {
  const { pool, askOften } = needs
  const lines = new Map<string, { readonly waiting: Waiting[]; running: number }>()

  async function read(tenant: string, ptr: string, group: readonly Waiting[]): Promise<void> {
    const [first] = group
    if (first === undefined) return
    const { rows } =
      group.length === 1
        ? await askOften<Line>(pool, firstSql(ptr), [tenant, first.id])
        : await askOften<Line>(pool, newestOfSql(ptr), [tenant, [...new Set(group.map(({ id }) => id))]])
    const last = readNumber(rows[0]?.last ?? 0)
    const found = new Map(rows.map((row) => [row.id, row]))
    const given = new Set<string>()
    for (const { id, resolve } of group) {
      const line = found.get(id)
      // Each has a document of its own, which it may change.
      const own = line !== undefined && given.has(id) ? { ...line, data: structuredClone(line.data) } : line
      given.add(id)
      resolve({ last, line: own })
    }
  }

  return ({ tenant, ptr }, id) => {
    const key = `${ptr} ${tenant}`
    const line = lines.get(key) ?? { waiting: [], running: 0 }
    lines.set(key, line)

    async function run(): Promise<void> {
      line.running += 1
      while (line.waiting.length > 0) {
        const group = line.waiting.splice(0, mostTogether)
        await read(tenant, ptr, group).catch((error: unknown) => {
          for (const { reject } of group) reject(error)
        })
      }
      line.running -= 1
      if (line.running === 0) lines.delete(key)
    }

    return new Promise((resolve, reject) => {
      line.waiting.push({ id, resolve, reject })
      if (line.running < mostRunning) void run()
    })
  }
}
