import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { StartTables } from './tables.suite.ts'
import type { Condition, Json, Query, Row, Scalar, TableShape, Tables, Tx } from './tables.ts'

type Doc = { readonly [key: string]: Json }

const long = 'long '.repeat(60)
/** Values of every type, close neighbours among them, each before the next in the order of the port. */
const ladder: readonly Scalar[] = [
  null,
  false,
  true,
  -Number.MAX_VALUE,
  -1e21,
  -2,
  -1.5,
  -Number.MIN_VALUE,
  0,
  Number.MIN_VALUE,
  1e-7,
  0.1,
  1,
  2,
  10,
  2 ** 53 - 1,
  2 ** 62,
  1e21,
  Number.MAX_VALUE,
  '',
  ' ',
  '%',
  '1',
  '10',
  '2',
  'A',
  'a',
  'a%',
  'ab',
  'b',
  'e\u0301',
  long,
  `${long}a`,
  `${long}b`,
  'z',
  'é',
  '中',
  '\ue000',
  '\uffff',
  '😀',
  '\u{10ffff}',
  '\u{10ffff}\u{10ffff}',
]
const places = new Map(ladder.map((value, place) => [value, place]))

/** Where a field stands: on the ladder, or behind all of it when it is a list or an object. */
function placeOf(data: Json, field: string): number {
  let value: Json | undefined = data
  for (const name of field.split('.')) {
    value =
      value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Doc)[name] : undefined
  }
  return value !== null && typeof value === 'object' ? ladder.length : (places.get(value ?? null) ?? -1)
}

function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (const [at, letter] of left.entries()) {
    const [one, other] = [letter.codePointAt(0) ?? 0, right[at]?.codePointAt(0) ?? -1]
    if (one !== other) return one - other
  }
  return left.length - right.length
}

export const modelShape: TableShape = {
  name: 'things',
  indexes: [{ fields: ['a', 'b.c'] }, { fields: ['b.c', 'd'] }, { fields: ['d'] }],
}

/** The order in which the indexes above must answer; null: by id. */
function orderingOf({ where = {}, orderBy }: Query): readonly string[] {
  const isEqual = (field: string) => {
    const condition = where[field]
    if (condition === undefined) return false
    return condition === null || typeof condition !== 'object' || condition.eq !== undefined
  }
  const isThere = (field: string) => where[field] !== undefined
  if (isEqual('a')) return isEqual('b.c') ? [] : ['b.c']
  if (isThere('a') || orderBy?.field === 'a') return ['a', 'b.c']
  if (isEqual('b.c')) return ['d']
  if (isThere('b.c') || orderBy?.field === 'b.c') return ['b.c', 'd']
  if (isEqual('d')) return []
  return isThere('d') || orderBy?.field === 'd' ? ['d'] : []
}

const beginsWith = (value: Scalar | undefined, prefix: string) =>
  typeof value === 'string' && value.startsWith(prefix)

function meetsOne(data: Json, field: string, condition: Scalar | Condition): boolean {
  const asked = condition === null || typeof condition !== 'object' ? { eq: condition } : condition
  const own = placeOf(data, field)
  const at = (value: Scalar) => places.get(value) ?? -1
  return (
    (asked.eq === undefined || own === at(asked.eq)) &&
    (asked.ne === undefined || own !== at(asked.ne)) &&
    (asked.gt === undefined || own > at(asked.gt)) &&
    (asked.gte === undefined || own >= at(asked.gte)) &&
    (asked.lt === undefined || own < at(asked.lt)) &&
    (asked.lte === undefined || own <= at(asked.lte)) &&
    (asked.in === undefined || asked.in.some((one) => at(one) === own)) &&
    (asked.prefix === undefined || beginsWith(ladder[own], asked.prefix))
  )
}

/** What a query must answer, whole, of a plain list of documents. */
function expected(rows: ReadonlyMap<string, Json>, query: Query): string[] {
  const met = [...rows].filter(([, data]) =>
    Object.entries(query.where ?? {}).every(([field, condition]) => meetsOne(data, field, condition)),
  )
  const ordering = orderingOf(query)
  const sorted = met.sort(([a, left], [b, right]) => {
    for (const field of ordering) {
      const order = placeOf(left, field) - placeOf(right, field)
      if (order !== 0) return order
    }
    return byCodePoint(a, b)
  })
  const ids = sorted.map(([id]) => id)
  return query.orderBy?.direction === 'desc' ? ids.reverse() : ids
}

const scalar = fc.constantFrom(...ladder)
const few = fc.constantFrom<Scalar>(null, 1, 'a', long)
const anyField = fc.oneof(
  { weight: 8, arbitrary: scalar },
  { weight: 1, arbitrary: fc.constantFrom<Json>([], ['a'], {}, { c: 1 }) },
)
const doc: fc.Arbitrary<Doc> = fc.record(
  { a: few, b: fc.oneof(fc.record({ c: anyField }), scalar), d: anyField, e: fc.integer({ min: 0, max: 2 }) },
  { requiredKeys: ['e'] },
)
const id = fc.oneof(
  fc.integer({ min: 0, max: 1_100 }).map((n) => `n${n}`),
  fc.constantFrom('\uffff', '😀', 'é', 'N', '%'),
)

const range: fc.Arbitrary<Condition> = fc
  .oneof(
    fc.record({ gt: scalar, gte: scalar, lt: scalar, lte: scalar, ne: scalar }, { requiredKeys: [] }),
    fc.record({ in: fc.array(scalar, { maxLength: 5 }) }),
    fc.record({ prefix: fc.constantFrom('', 'a', 'long ', long, '\u{10ffff}', 'nothing') }),
  )
  .filter((one) => Object.keys(one).some((word) => word !== 'ne'))
const direction = fc.constantFrom<'asc' | 'desc'>('asc', 'desc')
const extra = fc.constantFrom<NonNullable<Query['where']>>(
  {},
  { e: 1 },
  { e: { ne: 2 } },
  { e: { gte: 2 } },
  { 'e.x': null },
)
const shaped: fc.Arbitrary<Query> = fc.oneof(
  fc.constant({}),
  fc.record({ field: fc.constantFrom('a', 'b.c', 'd'), direction }).map((orderBy) => ({ orderBy })),
  fc.record({ a: few }).map((where) => ({ where })),
  fc.record({ a: few, 'b.c': fc.oneof(range, scalar) }).map((where) => ({ where })),
  fc
    .record({ a: few, direction })
    .map(({ a, direction }) => ({ where: { a }, orderBy: { field: 'b.c', direction } })),
  fc.record({ a: range }).map((where) => ({ where })),
  fc.record({ 'b.c': fc.oneof(range, scalar) }).map((where) => ({ where })),
  fc.record({ range, direction }).map(({ range, direction }) => ({
    where: { 'b.c': range },
    orderBy: { field: 'b.c', direction },
  })),
  fc.record({ d: fc.oneof(range, scalar) }).map((where) => ({ where })),
)
const query = fc
  .record({ shaped, extra })
  .map(
    ({ shaped, extra }): Query =>
      shaped.where === undefined ? shaped : { ...shaped, where: { ...shaped.where, ...extra } },
  )
const write = fc.record({ id, data: fc.option(doc) })

/** Pages through a query; each page by the transaction that `next` gives. */
async function paged(next: () => Promise<Tx> | Tx, query: Query, limit: number): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | undefined
  do {
    const page = await (await next()).query('things', {
      ...query,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    })
    expect(page.rows.length).toBeLessThanOrEqual(limit)
    if (page.cursor !== undefined) expect(page.rows).toHaveLength(limit)
    rows.push(...page.rows)
    cursor = page.cursor
  } while (cursor !== undefined)
  return rows
}

interface Change {
  readonly id: string
  readonly data: Doc | null
}

function lay(tx: Tx, rows: Map<string, Json>, changes: readonly Change[]) {
  for (const { id, data } of changes) {
    if (data === null) {
      tx.delete('things', id)
      rows.delete(id)
    } else {
      tx.set('things', id, data, 'me')
      rows.set(id, data)
    }
  }
}

async function commitAll(tables: Tables, rows: Map<string, Json>, changes: readonly Change[]) {
  const tx = tables.begin({ tenant: 'a' })
  lay(tx, rows, changes)
  expect((await tx.commit()).state).toBe('committed')
}

/** The part of the suite that holds queries against a sorted list. */
export function queryModelTests(start: StartTables) {
  it('answers any query as a sorted list does, page by page, own writes and later commits or not', {
    timeout: 300_000,
  }, async () => {
    const { one, tables, open } = await start()
    const other = await open()
    const rows = new Map<string, Json>()
    const docs = fc.sample(doc, { numRuns: 1_000, seed: 7 })
    await commitAll(
      tables,
      rows,
      docs.slice(0, 300).map((data, n) => ({ id: `n${n}`, data })),
    )
    await tables.prepare('a', [modelShape])
    for (let n = 300; n < 1_000; n += 100) {
      await commitAll(
        other,
        rows,
        docs.slice(n, n + 100).map((data, m) => ({ id: `n${n + m}`, data })),
      )
    }
    const changes = fc.array(write, { maxLength: 12 })
    const limit = fc.constantFrom(1, 10, 10, 10, 100, 1_000)
    await fc.assert(
      fc.asyncProperty(query, limit, changes, changes, async (asked, limit, later, own) => {
        const size = limit === 1 ? 10 : limit
        // Another transaction for each page, with commits in between: the cursor keeps the snapshot.
        const before = new Map(rows)
        let round = 0
        const seen = await paged(
          async () => {
            if (round === 1) await commitAll(other, rows, later)
            round += 1
            return tables.begin({ tenant: 'a' })
          },
          asked,
          size,
        )
        expect(seen.map((row) => row.id)).toEqual(expected(before, asked))
        for (const row of seen) expect(row.data).toEqual(before.get(row.id))

        // Own writes lie over what is stored.
        const mine = new Map(rows)
        const tx = tables.begin({ tenant: 'a' })
        lay(tx, mine, own)
        const found = await paged(() => tx, asked, size)
        expect(found.map((row) => row.id)).toEqual(expected(mine, asked))
        const first = found[0]
        if (first !== undefined) expect(await tx.get('things', first.id)).toEqual(first)
        for (const row of found) expect(row.data).toEqual(mine.get(row.id))
        tx.abort()
      }),
      { numRuns: Math.min(60, one.histories), endOnFailure: true },
    )
  })
}
