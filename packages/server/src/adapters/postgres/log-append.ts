import type { Pool } from 'pg'
import type { Entry, LogShape, Scalar, Seal, Verdict } from '../../ports/log.ts'
import { type AppendRequest, firstsByTenant, type Placed, placeKey, verdictsOf } from '../append-once.ts'
import { binaryArray } from './binary-array.ts'
import { appendedColumns, logColumns } from './log-ddl.ts'

const noHash = '0'.repeat(64)

/** An entry as a member of the JSON array that the server takes apart; the payload stands in it as it is. */
function memberOf(shape: LogShape, tenant: string, entry: Entry, more: Record<string, unknown>): string {
  const columns: Record<string, Scalar> = {}
  for (const [name, value] of Object.entries(entry.attributes))
    if (shape.columns[name] !== undefined) columns[name] = value
  const rest = JSON.stringify({
    ...more,
    tenant_id: tenant,
    id: entry.id,
    occurred_at: new Date(entry.occurredAt).toISOString(),
    received_at: new Date(entry.receivedAt).toISOString(),
    digest: `\\x${entry.digest}`,
    ...columns,
    ...(shape.open ? { attributes: bagOf(shape, entry) } : {}),
  })
  return `${rest.slice(0, -1)},"payload":${entry.payload}}`
}

/**
 * Appends all requests by one call of a function of the log: one statement, one commit, one round trip. What one tenant
 * tells for the first time, as nearly all is, takes the short way; where that finds a known id it has stored nothing.
 */
export async function appendPlain(
  pool: Pool,
  shape: LogShape,
  requests: readonly AppendRequest[],
): Promise<Verdict[][]> {
  const firsts = firstsByTenant(requests)
  const [[tenant, entries] = ['', []]] = firsts
  const head = firsts.size === 1 ? await appendNew(pool, shape, tenant, entries) : null
  return head === null ? appendAny(pool, shape, requests, firsts) : verdictsAfter(head, requests, entries)
}

/** Appends entries of one tenant that are all new, and answers the head before them; null: nothing was appended. */
async function appendNew(
  pool: Pool,
  shape: LogShape,
  tenant: string,
  entries: readonly Entry[],
): Promise<number | null> {
  const columns = appendedColumns(shape).map(({ name, type }) =>
    binaryArray(type, entries.map(columnOf(shape, name))),
  )
  const places = columns.map((_, index) => `$${index + 2}`)
  const { rows } = await pool.query({
    text: `select ${shape.table}_append_new($1, ${places.join(', ')})`,
    values: [tenant, ...columns],
    rowMode: 'array',
  })
  const [[head] = [null]] = rows as [string | null][]
  return head === null ? null : Number(head)
}

/** What stands in a column of an entry. */
function columnOf(shape: LogShape, column: string): (entry: Entry) => Scalar | undefined {
  if (column === 'id') return (entry) => entry.id
  if (column === 'occurred_at') return (entry) => entry.occurredAt
  if (column === 'received_at') return (entry) => entry.receivedAt
  if (column === 'digest') return (entry) => entry.digest
  if (column === 'payload') return (entry) => entry.payload
  if (shape.columns[column] !== undefined) return (entry) => entry.attributes[column]
  return (entry) => JSON.stringify(bagOf(shape, entry))
}

/** The verdicts on entries that were all new, behind the head before them; one told twice at once is known the second time. */
function verdictsAfter(
  head: number,
  requests: readonly AppendRequest[],
  firsts: readonly Entry[],
): Verdict[][] {
  const told = requests.reduce((sum, { entries }) => sum + entries.length, 0)
  if (told > firsts.length) {
    const placed = new Map<string, Placed>()
    for (const { id, digest, receivedAt } of firsts) {
      const position = head + placed.size + 1
      placed.set(placeKey(requests[0]?.tenant ?? '', id), { position, receivedAt, digest, fresh: true })
    }
    return verdictsOf(requests, placed)
  }
  let position = head
  return requests.map(({ entries }) =>
    entries.map(({ receivedAt }): Verdict => {
      position += 1
      return { status: 'accepted', position, receivedAt }
    }),
  )
}

/** The attributes of an entry that have no column of their own. */
function bagOf(shape: LogShape, entry: Entry): Record<string, Scalar> {
  const bag: Record<string, Scalar> = {}
  for (const [name, value] of Object.entries(entry.attributes))
    if (shape.columns[name] === undefined && value !== null) bag[name] = value
  return bag
}

/** Appends whatever there is: of several tenants, or with ids that are known. */
async function appendAny(
  pool: Pool,
  shape: LogShape,
  requests: readonly AppendRequest[],
  firsts: ReadonlyMap<string, readonly Entry[]>,
): Promise<Verdict[][]> {
  const keys: string[] = []
  const members: string[] = []
  for (const [tenant, entries] of firsts) {
    for (const entry of entries) {
      members.push(memberOf(shape, tenant, entry, { n: keys.length }))
      keys.push(placeKey(tenant, entry.id))
    }
  }
  const { rows } = await pool.query({
    text: `select n, place, received, known_digest, fresh from ${shape.table}_append($1, $2)`,
    values: [[...firsts.keys()], `[${members.join(',')}]`],
    rowMode: 'array',
  })
  const placed = new Map<string, Placed>()
  for (const [n, place, received, digest, fresh] of rows as [number, string, number, Buffer, boolean][]) {
    placed.set(keys[n] as string, {
      position: Number(place),
      receivedAt: Math.round(received),
      digest: digest.toString('hex'),
      fresh,
    })
  }
  return verdictsOf(requests, placed)
}

/** Appends to a chained log. The hash is made here, under the head's lock, so this takes a transaction of its own. */
export async function appendChained(
  pool: Pool,
  shape: LogShape,
  seal: Seal,
  requests: readonly AppendRequest[],
): Promise<Verdict[][]> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const placed = new Map<string, Placed>()
    const firsts = [...firstsByTenant(requests)].sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [tenant, entries] of firsts) {
      await client.query(
        'insert into console_log_heads (log, tenant_id) values ($1, $2) on conflict do nothing',
        [shape.name, tenant],
      )
      const head = await client.query(
        'select last, tip from console_log_heads where log = $1 and tenant_id = $2 for update',
        [shape.name, tenant],
      )
      const known = await client.query(
        `select id, position, extract(epoch from received_at)::float8 * 1000 as received, encode(digest, 'hex') as digest
         from ${shape.table} where tenant_id = $1 and id = any($2)`,
        [tenant, entries.map((entry) => entry.id)],
      )
      for (const row of known.rows) {
        const place = {
          position: Number(row.position),
          receivedAt: Math.round(row.received),
          digest: row.digest,
          fresh: false,
        }
        placed.set(placeKey(tenant, row.id), place)
      }
      let position = Number(head.rows[0].last)
      let prevHash: string = head.rows[0].tip ?? noHash
      const members: string[] = []
      for (const entry of entries) {
        if (placed.has(placeKey(tenant, entry.id))) continue
        position += 1
        const hash = seal({ ...entry, tenant, position, prevHash })
        members.push(memberOf(shape, tenant, entry, { position, prev_hash: prevHash, hash }))
        placed.set(placeKey(tenant, entry.id), {
          position,
          receivedAt: entry.receivedAt,
          digest: entry.digest,
          fresh: true,
        })
        prevHash = hash
      }
      if (members.length > 0) {
        const columns = logColumns(shape)
        await client.query(
          `insert into ${shape.table} (${columns.map((column) => column.name).join(', ')})
           select ${columns.map((column) => column.name).join(', ')}
           from json_to_recordset($1) as r(${columns.map((column) => `${column.name} ${column.type}`).join(', ')})`,
          [`[${members.join(',')}]`],
        )
        await client.query(
          'update console_log_heads set last = $3, tip = $4 where log = $1 and tenant_id = $2',
          [shape.name, tenant, position, prevHash],
        )
      }
    }
    await client.query('commit')
    client.release()
    return verdictsOf(requests, placed)
  } catch (error) {
    client.release(true)
    throw error
  }
}
