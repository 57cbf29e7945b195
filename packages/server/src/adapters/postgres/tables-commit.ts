import type { Pool, PoolClient } from 'pg'
import { type Json, type Outcome, TablesLost } from '../../ports/tables.ts'
import { groupCommit } from '../group-commit.ts'
import type { Write } from '../tables-buffer.ts'
import { pointerOf } from '../tables-document.ts'
import type { CommitRequest } from '../tables-over.ts'
import type { AskOften } from './often.ts'
import { isLost } from './pool.ts'

// One call's argument is one jsonb value; this keeps it far from what that may hold.
const maxBytes = 8 * 1024 * 1024

interface Part {
  readonly table: string
  readonly ptr: string
  readonly checked: string[]
  readonly writes: Write[]
}

/** What `console_tables_commit` answers for one transaction. */
export interface Verdict {
  /** Null when nothing was to be stored. */
  readonly number?: number | null
  readonly at?: number
  readonly repeated?: {
    readonly number: number
    readonly at: number
    readonly request: string | null
    readonly result: Json
  }
  readonly forbidden?: string
  readonly conflict?: { readonly table: string; readonly id: string }
  readonly unique?: { readonly table: string; readonly id: string }
}

type Answer = { readonly outcome: Outcome } | { readonly error: unknown }

/** One transaction as text. Documents are JSON text already and are put in as they are. */
function transactionText(request: CommitRequest): string {
  const parts = new Map<string, Part>()
  const partOf = (table: string) => {
    let part = parts.get(table)
    if (part === undefined) {
      part = { table, ptr: pointerOf(request.tenant, table), checked: [], writes: [] }
      parts.set(table, part)
    }
    return part
  }
  for (const write of request.writes) {
    const part = partOf(write.table)
    part.checked.push(write.id)
    part.writes.push(write)
  }
  for (const { table, id } of request.reads) partOf(table).checked.push(id)
  const partTexts = [...parts.values()].map((part) => {
    const { writes, ...rest } = part
    const texts = writes.map(({ id, owner, place, fresh, text }) => {
      const head = JSON.stringify({ id, owner, place, fresh })
      return text === null ? head : `${head.slice(0, -1)},"data":${text}}`
    })
    return `${JSON.stringify(rest).slice(0, -1)},"writes":[${texts.join()}]}`
  })
  const { sid, at, current } = request
  const filters = request.filters.length === 0 ? '' : `,"filters":${JSON.stringify(request.filters)}`
  const head = JSON.stringify({ sid, at, current, ...saidOf(request) }).slice(0, -1)
  const result = request.meta.result === null ? '' : `,"result":${request.meta.result}`
  return `${head},"parts":[${partTexts.join()}]${filters}${result}}`
}

/** What a commit says of itself, as far as it says anything. */
function saidOf({ meta, session, isBare }: CommitRequest): Readonly<Record<string, unknown>> {
  const { result: _, bits, ...texts } = meta
  const said = Object.entries({ ...texts, session }).filter(([, value]) => value !== null)
  return {
    ...Object.fromEntries(said),
    ...(bits.length === 0 ? {} : { bits }),
    ...(isBare ? { bare: true } : {}),
  }
}

/** A verdict as an outcome. */
export function outcomeOf(verdict: Verdict | undefined): Outcome {
  if (verdict?.number !== undefined && verdict.at !== undefined) {
    return { state: 'committed', number: verdict.number, at: new Date(Math.round(verdict.at)) }
  }
  if (verdict?.repeated !== undefined) {
    const repeated = { ...verdict.repeated, at: new Date(Math.round(verdict.repeated.at)) }
    return { state: 'committed', number: repeated.number, at: repeated.at, repeated }
  }
  if (verdict?.forbidden !== undefined)
    return { state: 'aborted', why: 'forbidden', table: verdict.forbidden }
  if (verdict?.unique !== undefined) return { state: 'aborted', why: 'unique', ...verdict.unique }
  return { state: 'aborted', why: 'conflict', ...verdict?.conflict }
}

/** Commits in Postgres: per tenant one call is on its way, and whoever comes meanwhile shares the next. */
export function tablesCommitter(needs: {
  readonly pool: Pool
  readonly askOften: AskOften
}): (request: CommitRequest) => Promise<Outcome> {
  const { pool, askOften } = needs

  /** One call. Rejects with `TablesLost` when nothing was sent, with the engine's error when it refused. */
  async function call(requests: readonly CommitRequest[]): Promise<Outcome[]> {
    const tenant = requests[0]?.tenant ?? ''
    let client: PoolClient
    try {
      client = await pool.connect()
    } catch (error) {
      throw isLost(error) ? new TablesLost('the database is away', { cause: error }) : error
    }
    try {
      const text = 'select console_tables_commit($1, $2::jsonb) as verdicts'
      const answer = await askOften<{ verdicts: Verdict[] }>(client, text, [
        tenant,
        `[${requests.map(transactionText).join()}]`,
      ])
      client.release()
      const verdicts = answer.rows[0]?.verdicts ?? []
      return requests.map((_, place) => outcomeOf(verdicts[place]))
    } catch (error) {
      // It was sent, and the answer was lost: it may stand.
      const lost = isLost(error)
      client.release(lost)
      if (lost) return requests.map(() => ({ state: 'unknown' }))
      throw error
    }
  }

  async function commit(requests: readonly CommitRequest[]): Promise<Answer[]> {
    try {
      return (await call(requests)).map((outcome) => ({ outcome }))
    } catch (error) {
      if (requests.length === 1 || error instanceof TablesLost) return requests.map(() => ({ error }))
    }
    // One of them cannot be stored, and undid the others with it.
    const answers: Answer[] = []
    for (const request of requests) answers.push(...(await commit([request])))
    return answers
  }

  const lines = new Map<string, ReturnType<typeof groupCommit<CommitRequest, Answer>>>()
  return async (request) => {
    const { tenant } = request
    let line = lines.get(tenant)
    if (line === undefined) {
      line = groupCommit<CommitRequest, Answer>({
        commit,
        weigh: ({ writes, meta }) =>
          writes.reduce((bytes, write) => bytes + 300 + (write.text?.length ?? 0), meta.result?.length ?? 0),
        maxWeight: maxBytes,
      })
      lines.set(tenant, line)
      const mine = line
      const drop = () => {
        if (lines.get(tenant) === mine) lines.delete(tenant)
      }
      // The line goes when nobody stands in it.
      setImmediate(() => mine.idle().then(drop))
    }
    const answer = await line.submit(request)
    if ('error' in answer) throw answer.error
    return answer.outcome
  }
}
