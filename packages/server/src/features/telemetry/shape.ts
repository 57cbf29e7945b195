import type { LogShape } from '../../ports/log.ts'

/** What the telemetry log can be asked by; every other scalar of a record is an attribute under its dotted path. */
export const telemetryShape: LogShape = {
  name: 'telemetry',
  table: 'console_telemetry_events',
  columns: {
    schema_version: { type: 'text', required: true },
    event_type: { type: 'text', required: true },
    session_id: { type: 'text', required: true },
    turn_id: { type: 'text' },
    trace_id: { type: 'text' },
    span_id: { type: 'text' },
    agent: { type: 'text' },
    model: { type: 'text' },
    runtime: { type: 'text' },
    project: { type: 'text' },
    tool: { type: 'text' },
    task_slug: { type: 'text' },
    outcome: { type: 'text' },
    duration_ms: { type: 'real' },
    cost_usd: { type: 'real' },
    input_tokens: { type: 'integer' },
    output_tokens: { type: 'integer' },
  },
  open: true,
  indexes: [['occurred_at', 'position'], ['session_id'], ['trace_id'], ['received_at', 'position']],
  chained: false,
}
