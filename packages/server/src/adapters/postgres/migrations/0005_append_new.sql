-- Appending to the logs of records and telemetry what is all new, by columns: nearly all that comes is. The functions of
-- 0001 stay for what is not, and for processes of the release before.
create function console_core_records_append_new(tenant text, id_all text[], occurred_at_all timestamptz[], received_at_all timestamptz[], digest_all bytea[], payload_all jsonb[], schema_all text[], type_all text[], product_all text[], producer_id_all text[], tier_all text[], subject_all text[], correlation_id_all text[]) returns bigint
language plpgsql as $append$
declare head bigint;
begin
  select h.last into head from console_log_heads h where h.log = 'records' and h.tenant_id = tenant for update;
  if not found then
    insert into console_log_heads (log, tenant_id) values ('records', tenant) on conflict do nothing;
    select h.last into head from console_log_heads h where h.log = 'records' and h.tenant_id = tenant for update;
  end if;
  begin
    insert into console_core_records (tenant_id, position, id, occurred_at, received_at, digest, payload, schema, type, product, producer_id, tier, subject, correlation_id)
    select tenant, head + r.n, r.id, r.occurred_at, r.received_at, r.digest, r.payload, r.schema, r.type, r.product, r.producer_id, r.tier, r.subject, r.correlation_id
    from unnest(id_all, occurred_at_all, received_at_all, digest_all, payload_all, schema_all, type_all, product_all, producer_id_all, tier_all, subject_all, correlation_id_all) with ordinality as r(id, occurred_at, received_at, digest, payload, schema, type, product, producer_id, tier, subject, correlation_id, n);
  exception when unique_violation then
    return null;
  end;
  update console_log_heads h set last = head + cardinality(id_all) where h.log = 'records' and h.tenant_id = tenant;
  return head;
end $append$;

create function console_telemetry_events_append_new(tenant text, id_all text[], occurred_at_all timestamptz[], received_at_all timestamptz[], digest_all bytea[], payload_all jsonb[], schema_version_all text[], event_type_all text[], session_id_all text[], turn_id_all text[], trace_id_all text[], span_id_all text[], agent_all text[], model_all text[], runtime_all text[], project_all text[], tool_all text[], task_slug_all text[], outcome_all text[], duration_ms_all float8[], cost_usd_all float8[], input_tokens_all bigint[], output_tokens_all bigint[], attributes_all jsonb[]) returns bigint
language plpgsql as $append$
declare head bigint;
begin
  select h.last into head from console_log_heads h where h.log = 'telemetry' and h.tenant_id = tenant for update;
  if not found then
    insert into console_log_heads (log, tenant_id) values ('telemetry', tenant) on conflict do nothing;
    select h.last into head from console_log_heads h where h.log = 'telemetry' and h.tenant_id = tenant for update;
  end if;
  begin
    insert into console_telemetry_events (tenant_id, position, id, occurred_at, received_at, digest, payload, schema_version, event_type, session_id, turn_id, trace_id, span_id, agent, model, runtime, project, tool, task_slug, outcome, duration_ms, cost_usd, input_tokens, output_tokens, attributes)
    select tenant, head + r.n, r.id, r.occurred_at, r.received_at, r.digest, r.payload, r.schema_version, r.event_type, r.session_id, r.turn_id, r.trace_id, r.span_id, r.agent, r.model, r.runtime, r.project, r.tool, r.task_slug, r.outcome, r.duration_ms, r.cost_usd, r.input_tokens, r.output_tokens, r.attributes
    from unnest(id_all, occurred_at_all, received_at_all, digest_all, payload_all, schema_version_all, event_type_all, session_id_all, turn_id_all, trace_id_all, span_id_all, agent_all, model_all, runtime_all, project_all, tool_all, task_slug_all, outcome_all, duration_ms_all, cost_usd_all, input_tokens_all, output_tokens_all, attributes_all) with ordinality as r(id, occurred_at, received_at, digest, payload, schema_version, event_type, session_id, turn_id, trace_id, span_id, agent, model, runtime, project, tool, task_slug, outcome, duration_ms, cost_usd, input_tokens, output_tokens, attributes, n);
  exception when unique_violation then
    return null;
  end;
  update console_log_heads h set last = head + cardinality(id_all) where h.log = 'telemetry' and h.tenant_id = tenant;
  return head;
end $append$;
