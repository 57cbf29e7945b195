-- The three logs: records (what producers claim), telemetry (what they measured), decisions (what the platform did).
create table console_log_heads (
  log text not null,
  tenant_id text not null,
  last integer not null default 0,
  floor integer not null default 1,
  tip text,
  primary key (log, tenant_id)
) without rowid;
create table console_log_checkpoints (
  log text not null,
  tenant_id text not null,
  fold text not null,
  source text not null,
  position integer not null,
  state text not null,
  primary key (log, tenant_id, fold, source, position)
) without rowid;

create table console_core_records (
  tenant_id text not null,
  position integer not null,
  id text not null,
  occurred_at integer not null,
  received_at integer not null,
  digest text not null,
  payload text not null,
  schema text not null,
  type text not null,
  product text not null,
  producer_id text not null,
  tier text not null,
  subject text,
  correlation_id text,
  primary key (tenant_id, position),
  unique (tenant_id, id)
) without rowid;
create index console_core_records_subject_position_idx on console_core_records (tenant_id, subject, position);
create index console_core_records_correlation_id_position_idx on console_core_records (tenant_id, correlation_id, position);
create index console_core_records_type_position_idx on console_core_records (tenant_id, type, position);
create index console_core_records_received_at_position_idx on console_core_records (tenant_id, received_at, position);

create table console_telemetry_events (
  tenant_id text not null,
  position integer not null,
  id text not null,
  occurred_at integer not null,
  received_at integer not null,
  digest text not null,
  payload text not null,
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
  duration_ms real,
  cost_usd real,
  input_tokens integer,
  output_tokens integer,
  attributes text not null,
  primary key (tenant_id, position),
  unique (tenant_id, id)
) without rowid;
create index console_telemetry_events_occurred_at_position_idx on console_telemetry_events (tenant_id, occurred_at, position);
create index console_telemetry_events_session_id_idx on console_telemetry_events (tenant_id, session_id);
create index console_telemetry_events_trace_id_idx on console_telemetry_events (tenant_id, trace_id);
create index console_telemetry_events_received_at_position_idx on console_telemetry_events (tenant_id, received_at, position);

create table console_audit_log (
  tenant_id text not null,
  position integer not null,
  id text not null,
  occurred_at integer not null,
  received_at integer not null,
  digest text not null,
  payload text not null,
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
) without rowid;
create index console_audit_log_operation_position_idx on console_audit_log (tenant_id, operation, position);
create index console_audit_log_subject_position_idx on console_audit_log (tenant_id, subject, position);
create index console_audit_log_received_at_position_idx on console_audit_log (tenant_id, received_at, position);

