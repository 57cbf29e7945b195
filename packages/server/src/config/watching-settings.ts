import type { Setting } from './setting.ts'

/** Metrics, spans and logs. */
export const watchingSettings = {
  CONSOLE_METRICS_ENABLED: {
    type: 'boolean',
    default: 'true',
    aliases: ['CONSOUL_OBSERVABILITY_PROMETHEUS_ENABLED'],
    doc: 'Serve metrics on their own port',
  },
  CONSOLE_METRICS_HOST: {
    type: 'text',
    default: '127.0.0.1',
    doc: 'Address of the metrics; another than loopback needs CONSOLE_METRICS_TOKEN',
  },
  CONSOLE_METRICS_PORT: {
    type: 'number',
    default: '9090',
    range: [0, 65_535],
    aliases: ['CONSOUL_OBSERVABILITY_METRICS_PORT'],
    doc: 'Port of the metrics; 0 takes a free one',
  },
  CONSOLE_METRICS_TOKEN: {
    type: 'text',
    secret: true,
    doc: 'What readers of the metrics send as Authorization: Bearer; unset: nothing is asked',
  },
  CONSOLE_METRICS_PATH: { type: 'text', default: '/metrics', doc: 'Path of the metrics' },
  CONSOLE_METRICS_PREFIX: {
    type: 'text',
    default: 'quarterdeck_',
    doc: 'What every metric name begins with',
  },
  CONSOLE_OTEL_ENABLED: {
    type: 'boolean',
    default: 'false',
    aliases: ['CONSOUL_OBSERVABILITY_OTEL_ENABLED'],
    doc: 'Send spans to OTEL_EXPORTER_OTLP_ENDPOINT',
  },
  OTEL_SERVICE_NAME: {
    type: 'text',
    default: 'quarterdeck',
    aliases: ['CONSOUL_OBSERVABILITY_OTEL_SERVICE_NAME'],
    doc: 'Name of this service in spans',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    type: 'url',
    code: 'otlp_endpoint_invalid',
    doc: 'Collector that takes OTLP over HTTP, such as http://collector:4318; spans go to its /v1/traces',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    type: 'text',
    secret: true,
    doc: 'Headers for the collector, such as x-api-key=abc,x-team=shop; values percent-encoded',
  },
  CONSOLE_LANGSMITH_ENABLED: {
    type: 'boolean',
    default: 'false',
    aliases: ['CONSOUL_OBSERVABILITY_LANGSMITH_ENABLED'],
    doc: 'Send spans of models and tools to LangSmith',
  },
  LANGSMITH_API_KEY: { type: 'text', secret: true, doc: 'Key of LangSmith' },
  LANGSMITH_ENDPOINT: {
    type: 'url',
    default: 'https://api.smith.langchain.com',
    doc: 'Where LangSmith is; spans go to its /otel/v1/traces',
  },
  LANGSMITH_PROJECT: { type: 'text', default: 'default', doc: 'Project that the spans belong to' },
  CONSOLE_LOG_LEVEL: {
    type: 'text',
    default: 'info',
    oneOf: ['debug', 'info', 'warn', 'error', 'silent'],
    synonyms: { warning: 'warn', critical: 'error' },
    aliases: ['CONSOUL_LOG_LEVEL'],
    doc: 'Least level of log lines',
  },
  CONSOLE_REDACT_KEYS: {
    type: 'list',
    default: '',
    doc: 'Further key names whose values are never stored or shown',
  },
} as const satisfies Record<string, Setting>
