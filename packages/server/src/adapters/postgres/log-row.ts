import type { LogShape, Scalar, Stored } from '../../ports/log.ts'

/** The select list that `rowOf` reads, over the table as `l`. */
export function rowSql(shape: LogShape): string {
  return [
    'l.tenant_id',
    'l.position',
    'l.id',
    `encode(l.digest, 'hex') as digest`,
    'extract(epoch from l.occurred_at)::float8 * 1000 as occurred_at',
    'extract(epoch from l.received_at)::float8 * 1000 as received_at',
    'l.payload::text as payload',
    ...Object.keys(shape.columns).map((name) => `l.${name}`),
    ...(shape.open ? ['l.attributes'] : []),
    ...(shape.chained ? ['l.prev_hash', 'l.hash'] : []),
  ].join(', ')
}

/** A stored entry from a row of `rowSql`. */
export function rowOf(shape: LogShape, row: Record<string, unknown>): Stored {
  const attributes: Record<string, Scalar> = shape.open
    ? { ...(row.attributes as Record<string, Scalar>) }
    : {}
  for (const [name, column] of Object.entries(shape.columns)) {
    const value = row[name] as string | number | null
    attributes[name] = value !== null && column.type !== 'text' ? Number(value) : value
  }
  return {
    tenant: row.tenant_id as string,
    position: Number(row.position),
    id: row.id as string,
    digest: row.digest as string,
    occurredAt: Math.round(row.occurred_at as number),
    receivedAt: Math.round(row.received_at as number),
    attributes,
    payload: row.payload as string,
    ...(shape.chained ? { prevHash: row.prev_hash as string, hash: row.hash as string } : {}),
  }
}
