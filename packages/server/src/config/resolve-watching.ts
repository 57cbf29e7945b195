import type { Asking } from './asking.ts'
import { isLoopback } from './origin.ts'

/** Metrics, spans and logs. */
export interface WatchingConfig {
  readonly metrics: {
    readonly enabled: boolean
    readonly host: string
    readonly port: number
    readonly path: string
    readonly prefix: string
    readonly token: string | null
  }
  readonly otel: {
    readonly enabled: boolean
    readonly serviceName: string
    /** Without `/v1/traces`; null where spans are not sent. */
    readonly endpoint: string | null
    readonly headers: Readonly<Record<string, string>>
  }
  readonly langsmith: {
    readonly enabled: boolean
    readonly apiKey: string | null
    /** Without `/otel/v1/traces`. */
    readonly endpoint: string
    readonly project: string
  }
  readonly logLevel: string
  readonly redactKeys: readonly string[]
}

/** How a configuration is watched. */
export function resolveWatching(ask: Asking): WatchingConfig {
  return {
    metrics: metricsOf(ask),
    otel: otelOf(ask),
    langsmith: langsmithOf(ask),
    logLevel: ask.text('CONSOLE_LOG_LEVEL') ?? 'info',
    redactKeys: ask.list('CONSOLE_REDACT_KEYS'),
  }
}

function metricsOf(ask: Asking): WatchingConfig['metrics'] {
  const enabled = ask.flag('CONSOLE_METRICS_ENABLED')
  const host = ask.text('CONSOLE_METRICS_HOST') ?? '127.0.0.1'
  const token = ask.text('CONSOLE_METRICS_TOKEN')
  const path = ask.text('CONSOLE_METRICS_PATH') ?? '/metrics'
  const prefix = ask.text('CONSOLE_METRICS_PREFIX') ?? 'quarterdeck_'
  if (enabled && token === null && !isLoopback(host))
    ask.refuse(
      'metrics_token_missing',
      'CONSOLE_METRICS_TOKEN',
      'CONSOLE_METRICS_HOST is not loopback: it needs CONSOLE_METRICS_TOKEN',
    )
  if (!/^\/[\w./-]*$/.test(path))
    ask.refuse('setting_invalid', 'CONSOLE_METRICS_PATH', 'CONSOLE_METRICS_PATH needs to be a path')
  if (!/^[A-Za-z_:][\w:]*$/.test(prefix))
    ask.refuse('setting_invalid', 'CONSOLE_METRICS_PREFIX', 'CONSOLE_METRICS_PREFIX cannot begin a metric')
  return { enabled, host, port: ask.number('CONSOLE_METRICS_PORT'), path, prefix, token }
}

function otelOf(ask: Asking): WatchingConfig['otel'] {
  const name = 'OTEL_EXPORTER_OTLP_ENDPOINT'
  const enabled = ask.flag('CONSOLE_OTEL_ENABLED')
  const endpoint = ask.text(name)
  if (enabled && endpoint === null)
    ask.refuse('otlp_endpoint_missing', name, `CONSOLE_OTEL_ENABLED needs ${name}: where the spans go`)
  if (endpoint !== null && URL.canParse(endpoint) && new URL(endpoint).port === '4317')
    ask.refuse(
      'otlp_endpoint_invalid',
      name,
      `${name} is port 4317, which speaks gRPC; OTLP over HTTP is at 4318`,
    )
  const serviceName = ask.text('OTEL_SERVICE_NAME') ?? 'quarterdeck'
  return { enabled, serviceName, endpoint, headers: headersOf(ask) }
}

function headersOf(ask: Asking): Record<string, string> {
  const name = 'OTEL_EXPORTER_OTLP_HEADERS'
  const headers: Record<string, string> = {}
  for (const pair of (ask.text(name) ?? '').split(',')) {
    if (pair.trim() === '') continue
    const [, key, value] = /^\s*([\w-]+)\s*=\s*([\x21-\x7e]*)\s*$/.exec(pair) ?? []
    try {
      if (key === undefined || value === undefined) throw new Error('no pair')
      headers[key.toLowerCase()] = decodeURIComponent(value)
    } catch {
      ask.refuse('setting_invalid', name, `${name} needs name=value parted by commas, values percent-encoded`)
      break
    }
  }
  return headers
}

function langsmithOf(ask: Asking): WatchingConfig['langsmith'] {
  const enabled = ask.flag('CONSOLE_LANGSMITH_ENABLED')
  const apiKey = ask.text('LANGSMITH_API_KEY')
  if (enabled && apiKey === null)
    ask.refuse(
      'langsmith_key_missing',
      'LANGSMITH_API_KEY',
      'CONSOLE_LANGSMITH_ENABLED needs LANGSMITH_API_KEY',
    )
  return {
    enabled,
    apiKey,
    endpoint: ask.text('LANGSMITH_ENDPOINT') ?? '',
    project: ask.text('LANGSMITH_PROJECT') ?? 'default',
  }
}
