-- The three logs: records (what producers claim), telemetry (what they measured), decisions (what the platform did).
create table console_log_heads (
  log text not null,
  tenant_id text not null,
  last bigint not null default 0,
  floor bigint not null default 1,
  tip text,
  primary key (log, tenant_id)
);
create table console_log_checkpoints (
  log text not null,
  tenant_id text not null,
  fold text not null,
  source text not null,
  position bigint not null,
  state text not null,
  primary key (log, tenant_id, fold, source, position)
);

create table console_core_records (
  tenant_id text not null,
  position bigint not null,
  id text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  digest bytea not null,
  payload jsonb not null,
  schema text not null,
  type text not null,
  product text not null,
  producer_id text not null,
  tier text not null,
  subject text,
  correlation_id text,
  primary key (tenant_id, position),
  unique (tenant_id, id)
);
create index console_core_records_subject_position_idx on console_core_records (tenant_id, subject, position);
create index console_core_records_correlation_id_position_idx on console_core_records (tenant_id, correlation_id, position);
create index console_core_records_type_position_idx on console_core_records (tenant_id, type, position);
create index console_core_records_received_at_position_idx on console_core_records (tenant_id, received_at, position);
create function console_core_records_append(tenants text[], entries json)
returns table (n integer, place bigint, received double precision, known_digest bytea, fresh boolean)
language plpgsql as $append$
begin
  insert into console_log_heads (log, tenant_id) select 'records', t from unnest(tenants) t order by t on conflict do nothing;
  perform 1 from console_log_heads where log = 'records' and tenant_id = any(tenants) order by tenant_id for update;
  return query
  with told as (
    select * from json_to_recordset(entries) as r(n integer, tenant_id text, id text, occurred_at timestamptz, received_at timestamptz, digest bytea, payload jsonb, schema text, type text, product text, producer_id text, tier text, subject text, correlation_id text)
  ), known as (
    select told.n, l.position, l.received_at, l.digest from told join console_core_records l on l.tenant_id = told.tenant_id and l.id = told.id
  ), news as (
    select h.last + row_number() over (partition by told.tenant_id order by told.n) as position, told.*
    from told join console_log_heads h on h.log = 'records' and h.tenant_id = told.tenant_id
    where not exists (select from known where known.n = told.n)
  ), stored as (
    insert into console_core_records (position, tenant_id, id, occurred_at, received_at, digest, payload, schema, type, product, producer_id, tier, subject, correlation_id) select news.position, news.tenant_id, news.id, news.occurred_at, news.received_at, news.digest, news.payload, news.schema, news.type, news.product, news.producer_id, news.tier, news.subject, news.correlation_id from news
  ), raised as (
    update console_log_heads h set last = top.position
    from (select news.tenant_id, max(news.position) as position from news group by 1) top
    where h.log = 'records' and h.tenant_id = top.tenant_id
  )
  select known.n, known.position, extract(epoch from known.received_at)::float8 * 1000, known.digest, false from known
  union all
  select news.n, news.position, extract(epoch from news.received_at)::float8 * 1000, news.digest, true from news;
end $append$;

create table console_telemetry_events (
  tenant_id text not null,
  position bigint not null,
  id text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  digest bytea not null,
  payload jsonb not null,
  schema_version text not null,
  event_type text not null,
  session_id text not null,
  turn_id text,
  trace_id text,
  span_id text,
  agent text,
  model text,
  runtime text,
  project text,
  tool text,
  task_slug text,
  outcome text,
  duration_ms float8,
  cost_usd float8,
  input_tokens bigint,
  output_tokens bigint,
  attributes jsonb not null,
  primary key (tenant_id, position),
  unique (tenant_id, id)
);
create index console_telemetry_events_occurred_at_position_idx on console_telemetry_events (tenant_id, occurred_at, position);
create index console_telemetry_events_session_id_idx on console_telemetry_events (tenant_id, session_id);
create index console_telemetry_events_trace_id_idx on console_telemetry_events (tenant_id, trace_id);
create index console_telemetry_events_received_at_position_idx on console_telemetry_events (tenant_id, received_at, position);
create index console_telemetry_events_attributes_idx on console_telemetry_events using gin (attributes jsonb_path_ops);
create function console_telemetry_events_append(tenants text[], entries json)
returns table (n integer, place bigint, received double precision, known_digest bytea, fresh boolean)
language plpgsql as $append$
begin
  insert into console_log_heads (log, tenant_id) select 'telemetry', t from unnest(tenants) t order by t on conflict do nothing;
  perform 1 from console_log_heads where log = 'telemetry' and tenant_id = any(tenants) order by tenant_id for update;
  return query
  with told as (
    select * from json_to_recordset(entries) as r(n integer, tenant_id text, id text, occurred_at timestamptz, received_at timestamptz, digest bytea, payload jsonb, schema_version text, event_type text, session_id text, turn_id text, trace_id text, span_id text, agent text, model text, runtime text, project text, tool text, task_slug text, outcome text, duration_ms float8, cost_usd float8, input_tokens bigint, output_tokens bigint, attributes jsonb)
  ), known as (
    select told.n, l.position, l.received_at, l.digest from told join console_telemetry_events l on l.tenant_id = told.tenant_id and l.id = told.id
  ), news as (
    select h.last + row_number() over (partition by told.tenant_id order by told.n) as position, told.*
    from told join console_log_heads h on h.log = 'telemetry' and h.tenant_id = told.tenant_id
    where not exists (select from known where known.n = told.n)
  ), stored as (
    insert into console_telemetry_events (position, tenant_id, id, occurred_at, received_at, digest, payload, schema_version, event_type, session_id, turn_id, trace_id, span_id, agent, model, runtime, project, tool, task_slug, outcome, duration_ms, cost_usd, input_tokens, output_tokens, attributes) select news.position, news.tenant_id, news.id, news.occurred_at, news.received_at, news.digest, news.payload, news.schema_version, news.event_type, news.session_id, news.turn_id, news.trace_id, news.span_id, news.agent, news.model, news.runtime, news.project, news.tool, news.task_slug, news.outcome, news.duration_ms, news.cost_usd, news.input_tokens, news.output_tokens, news.attributes from news
  ), raised as (
    update console_log_heads h set last = top.position
    from (select news.tenant_id, max(news.position) as position from news group by 1) top
    where h.log = 'telemetry' and h.tenant_id = top.tenant_id
  )
  select known.n, known.position, extract(epoch from known.received_at)::float8 * 1000, known.digest, false from known
  union all
  select news.n, news.position, extract(epoch from news.received_at)::float8 * 1000, news.digest, true from news;
end $append$;

create table console_audit_log (
  tenant_id text not null,
  position bigint not null,
  id text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  digest bytea not null,
  payload jsonb not null,
  operation text not null,
  phase text not null,
  actor_kind text not null,
  actor_id text not null,
  selected_env text not null,
  subject text,
  intent_id text,
  request_id text,
  prev_hash text not null,
  hash text not null,
  primary key (tenant_id, position),
  unique (tenant_id, id)
);
create index console_audit_log_operation_position_idx on console_audit_log (tenant_id, operation, position);
create index console_audit_log_subject_position_idx on console_audit_log (tenant_id, subject, position);
create index console_audit_log_received_at_position_idx on console_audit_log (tenant_id, received_at, position);

