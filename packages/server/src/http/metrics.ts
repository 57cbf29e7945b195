import { createServer, type Server } from 'node:http'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Meter } from '../core/meter.ts'

type Labels = readonly string[]

/** Every metric there is: name, labels, what it counts. The prefix is a setting. */
export const metricTable = {
  log_entries_total: {
    kind: 'counter',
    labels: ['log', 'status'] as Labels,
    help: 'Entries told to a log, by what became of them',
  },
  log_append_seconds: {
    kind: 'histogram',
    labels: ['log'] as Labels,
    help: 'Seconds until an append was durable',
  },
  fold_lag_positions: {
    kind: 'gauge',
    labels: ['fold'] as Labels,
    help: 'Positions that a fold is behind its log',
  },
  stream_gaps_total: {
    kind: 'counter',
    labels: ['topic', 'reason'] as Labels,
    help: 'Gaps told to readers of the live feed',
  },
  open_streams: { kind: 'gauge', labels: ['kind'] as Labels, help: 'Open live feeds' },
  request_total: {
    kind: 'counter',
    labels: ['endpoint', 'method', 'status'] as Labels,
    help: 'Requests answered',
  },
  request_latency_seconds: {
    kind: 'histogram',
    labels: ['endpoint', 'method'] as Labels,
    help: 'Seconds until a request was answered',
  },
} as const

export type MetricName = keyof typeof metricTable

/** The metrics of this process, as a meter and as the text that Prometheus reads. */
export interface Metrics extends Meter {
  set(name: MetricName, labels: Readonly<Record<string, string>>, value: number): void
  text(): Promise<string>
}

/** Makes the metrics. `collect` runs before each reading, for gauges of things that change by themselves. */
export function createMetrics(needs: {
  readonly prefix: string
  readonly collect?: (metrics: Metrics) => Promise<void>
}): Metrics {
  const registry = new Registry()
  const made = new Map<string, Counter | Gauge | Histogram>()
  for (const [name, { kind, labels, help }] of Object.entries(metricTable)) {
    const options = { name: needs.prefix + name, help, labelNames: [...labels], registers: [registry] }
    made.set(
      name,
      kind === 'counter'
        ? new Counter(options)
        : kind === 'gauge'
          ? new Gauge(options)
          : new Histogram(options),
    )
  }
  const of = (name: string) => {
    const metric = made.get(name)
    if (metric === undefined) throw new Error(`there is no metric ${name}`)
    return metric
  }
  const metrics: Metrics = {
    add(name, labels, by = 1) {
      const metric = of(name)
      if (metric instanceof Counter || metric instanceof Gauge) metric.inc({ ...labels }, by)
    },
    observe(name, labels, value) {
      const metric = of(name)
      if (metric instanceof Histogram) metric.observe({ ...labels }, value)
    },
    set(name, labels, value) {
      const metric = of(name)
      if (metric instanceof Gauge) metric.set({ ...labels }, value)
    },
    async text() {
      await needs.collect?.(metrics)
      return registry.metrics()
    },
  }
  return metrics
}

/** Serves the metrics on a port of their own. Rejects when the port is taken. */
export function serveMetrics(needs: {
  readonly metrics: Metrics
  readonly host: string
  readonly port: number
  readonly path: string
}): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url !== needs.path) {
      response.writeHead(404).end()
      return
    }
    needs.metrics.text().then(
      (text) =>
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(needs.port, needs.host, () => resolve(server))
  })
}
