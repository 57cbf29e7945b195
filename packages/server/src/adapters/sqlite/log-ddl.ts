import type { LogShape } from '../../ports/log.ts'

const sqlType = { text: 'text', integer: 'integer', real: 'real' } as const

/** Names of the columns an entry fills, in the order of the table. Times are Unix ms, the digest is 64 hex digits. */
export function logColumns(shape: LogShape): string[] {
  return [
    'tenant_id',
    'position',
    'id',
    'occurred_at',
    'received_at',
    'digest',
    'payload',
    ...Object.keys(shape.columns),
    ...(shape.open ? ['attributes'] : []),
    ...(shape.chained ? ['prev_hash', 'hash'] : []),
  ]
}

/** The table and indexes of a log, as its migration holds them. */
export function logDdl(shape: LogShape): string {
  const { table } = shape
  const lines = [
    'tenant_id text not null',
    'position integer not null',
    'id text not null',
    'occurred_at integer not null',
    'received_at integer not null',
    'digest text not null',
    'payload text not null',
    ...Object.entries(shape.columns).map(
      ([name, column]) => `${name} ${sqlType[column.type]}${column.required ? ' not null' : ''}`,
    ),
    ...(shape.open ? ['attributes text not null'] : []),
    ...(shape.chained ? ['prev_hash text not null', 'hash text not null'] : []),
    'primary key (tenant_id, position)',
    'unique (tenant_id, id)',
  ]
  const indexes = shape.indexes.map(
    (names) => `create index ${table}_${names.join('_')}_idx on ${table} (tenant_id, ${names.join(', ')});`,
  )
  return `${[`create table ${table} (\n  ${lines.join(',\n  ')}\n) without rowid;`, ...indexes].join('\n')}\n`
}
