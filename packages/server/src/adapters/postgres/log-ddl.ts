import type { LogShape } from '../../ports/log.ts'

const sqlType = { text: 'text', integer: 'bigint', real: 'float8' } as const

/** A column that entries fill. */
export interface LogColumn {
  readonly name: string
  readonly type: 'text' | 'bigint' | 'float8' | 'timestamptz' | 'bytea' | 'jsonb'
  readonly required: boolean
}

/** The columns of a log's table that its entries fill, with their types, in the order of the table. */
export function logColumns(shape: LogShape): LogColumn[] {
  const own = Object.entries(shape.columns).map(
    ([name, column]): LogColumn => ({ name, type: sqlType[column.type], required: column.required === true }),
  )
  const bag: LogColumn[] = shape.open ? [{ name: 'attributes', type: 'jsonb', required: true }] : []
  const chain: LogColumn[] = shape.chained
    ? [
        { name: 'prev_hash', type: 'text', required: true },
        { name: 'hash', type: 'text', required: true },
      ]
    : []
  return [
    { name: 'tenant_id', type: 'text', required: true },
    { name: 'position', type: 'bigint', required: true },
    { name: 'id', type: 'text', required: true },
    { name: 'occurred_at', type: 'timestamptz', required: true },
    { name: 'received_at', type: 'timestamptz', required: true },
    { name: 'digest', type: 'bytea', required: true },
    { name: 'payload', type: 'jsonb', required: true },
    ...own,
    ...bag,
    ...chain,
  ]
}

/**
 * The table, the indexes and (unless the log is chained) the append function of a log, as its migration holds them.
 * Appending locks the tenants' heads in order, so that within a tenant the order of commits is the order of positions.
 */
export function logDdl(shape: LogShape): string {
  const { table } = shape
  const columns = logColumns(shape)
  const lines = columns.map(({ name, type, required }) => `  ${name} ${type}${required ? ' not null' : ''}`)
  const indexes = shape.indexes.map(
    (names) => `create index ${table}_${names.join('_')}_idx on ${table} (tenant_id, ${names.join(', ')});`,
  )
  if (shape.open)
    indexes.push(`create index ${table}_attributes_idx on ${table} using gin (attributes jsonb_path_ops);`)
  const made = [
    `create table ${table} (\n${lines.join(',\n')},\n  primary key (tenant_id, position),\n  unique (tenant_id, id)\n);`,
    ...indexes,
  ]
  return `${[...made, ...(shape.chained ? [] : [appendFunction(shape)])].join('\n')}\n`
}

function appendFunction({ name, table, ...shape }: LogShape): string {
  const given = logColumns({ name, table, ...shape }).filter((column) => column.name !== 'position')
  const names = given.map((column) => column.name)
  return `create function ${table}_append(tenants text[], entries json)
returns table (n integer, place bigint, received double precision, known_digest bytea, fresh boolean)
language plpgsql as $append$
begin
  insert into console_log_heads (log, tenant_id) select '${name}', t from unnest(tenants) t order by t on conflict do nothing;
  perform 1 from console_log_heads where log = '${name}' and tenant_id = any(tenants) order by tenant_id for update;
  return query
  with told as (
    select * from json_to_recordset(entries) as r(n integer, ${given.map((column) => `${column.name} ${column.type}`).join(', ')})
  ), known as (
    select told.n, l.position, l.received_at, l.digest from told join ${table} l on l.tenant_id = told.tenant_id and l.id = told.id
  ), news as (
    select h.last + row_number() over (partition by told.tenant_id order by told.n) as position, told.*
    from told join console_log_heads h on h.log = '${name}' and h.tenant_id = told.tenant_id
    where not exists (select from known where known.n = told.n)
  ), stored as (
    insert into ${table} (position, ${names.join(', ')}) select news.position, ${names.map((column) => `news.${column}`).join(', ')} from news
  ), raised as (
    update console_log_heads h set last = top.position
    from (select news.tenant_id, max(news.position) as position from news group by 1) top
    where h.log = '${name}' and h.tenant_id = top.tenant_id
  )
  select known.n, known.position, extract(epoch from known.received_at)::float8 * 1000, known.digest, false from known
  union all
  select news.n, news.position, extract(epoch from news.received_at)::float8 * 1000, news.digest, true from news;
end $append$;`
}

/**
 * The function that appends entries of one tenant, given by columns, when no id among them is known: it answers the head
 * before them. Else it stores nothing and answers null, and `append` has to look at each. That an id is known shows by
 * its key alone: looking for it before would cost more, and by a plan made while the table was small far more.
 */
export function appendNewDdl(shape: LogShape): string {
  const { name, table } = shape
  const given = appendedColumns(shape)
  const names = given.map((column) => column.name)
  return `create function ${table}_append_new(tenant text, ${given.map((column) => `${column.name}_all ${column.type}[]`).join(', ')}) returns bigint
language plpgsql as $append$
declare head bigint;
begin
  select h.last into head from console_log_heads h where h.log = '${name}' and h.tenant_id = tenant for update;
  if not found then
    insert into console_log_heads (log, tenant_id) values ('${name}', tenant) on conflict do nothing;
    select h.last into head from console_log_heads h where h.log = '${name}' and h.tenant_id = tenant for update;
  end if;
  begin
    insert into ${table} (tenant_id, position, ${names.join(', ')})
    select tenant, head + r.n, ${names.map((column) => `r.${column}`).join(', ')}
    from unnest(${names.map((column) => `${column}_all`).join(', ')}) with ordinality as r(${names.join(', ')}, n);
  exception when unique_violation then
    return null;
  end;
  update console_log_heads h set last = head + cardinality(id_all) where h.log = '${name}' and h.tenant_id = tenant;
  return head;
end $append$;
`
}

/** What `appendNewDdl`'s function is given of each entry, in the order of its arguments. */
export function appendedColumns(shape: LogShape): LogColumn[] {
  return logColumns(shape).filter(({ name }) => name !== 'tenant_id' && name !== 'position')
}
