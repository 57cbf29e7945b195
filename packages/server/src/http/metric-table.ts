/** A metric: what it is, by what it is told apart, and what it counts. */
export interface MetricSaid {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  /** Never an id: each value of a label is a series that stays. */
  readonly labels: readonly string[]
  readonly help: string
}

/** Every metric there is. The prefix is a setting. An `endpoint` is a route's template, or `other`. */
export const metricTable = {
  request_total: {
    kind: 'counter',
    labels: ['endpoint', 'method', 'status', 'model'],
    help: 'Requests answered; model is empty where none was asked',
  },
  request_latency_seconds: {
    kind: 'histogram',
    labels: ['endpoint', 'method'],
    help: 'Seconds until a request was answered',
  },
  errors_total: {
    kind: 'counter',
    labels: ['endpoint', 'error_type'],
    help: 'Requests refused or failed, by the code of the answer',
  },
  auth_total: {
    kind: 'counter',
    labels: ['method', 'outcome'],
    help: 'Credentials looked at, by what carried them and what was found',
  },
  limit_total: {
    kind: 'counter',
    labels: ['class', 'outcome'],
    help: 'Limits looked at: admitted or refused',
  },
  limit_store_degraded: {
    kind: 'gauge',
    labels: [],
    help: '1 while the store of limits is lost and each process counts alone',
  },
  open_streams: { kind: 'gauge', labels: ['kind'], help: 'Open live feeds: sse or socket' },
  stream_gaps_total: {
    kind: 'counter',
    labels: ['topic', 'reason'],
    help: 'Gaps told to readers of the live feed',
  },
  log_entries_total: {
    kind: 'counter',
    labels: ['log', 'status'],
    help: 'Entries told to a log, by what became of them',
  },
  log_append_seconds: { kind: 'histogram', labels: ['log'], help: 'Seconds until an append was durable' },
  fold_lag_positions: { kind: 'gauge', labels: ['fold'], help: 'Positions that a fold is behind its log' },
  function_calls_total: {
    kind: 'counter',
    labels: ['fn', 'outcome'],
    help: 'Calls of functions: ok, refused, failed, conflict, timeout or overloaded',
  },
  function_seconds: { kind: 'histogram', labels: ['fn'], help: 'Seconds until a function was answered' },
  tables_commits_total: {
    kind: 'counter',
    labels: ['outcome'],
    help: 'Commits of documents: committed, or why not',
  },
  loop_delay_seconds: {
    kind: 'gauge',
    labels: [],
    help: 'How late the event loop ran, 99th percentile since the last look',
  },
  token_usage_total: {
    kind: 'counter',
    labels: ['direction', 'model'],
    help: 'Tokens that models were sent and answered with',
  },
  active_sessions: { kind: 'gauge', labels: [], help: 'Chat sessions that have not ended' },
  tool_executions_total: {
    kind: 'counter',
    labels: ['tool_name', 'status'],
    help: 'Tools that the assistant ran, by what became of them',
  },
} as const satisfies Record<string, MetricSaid>

export type MetricName = keyof typeof metricTable
