import { hash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Meter } from '../core/meter.ts'
import { commonHeaders } from './headers.ts'
import { type MetricSaid, metricTable } from './metric-table.ts'

export { type MetricName, metricTable } from './metric-table.ts'

/** The metrics of this process, as a meter and as the text that Prometheus reads. */
export interface Metrics extends Meter {
  text(): Promise<string>
}

type Labels = Readonly<Record<string, string>>

/**
 * Makes the metrics. `collect` runs before each reading, for gauges of things that change by themselves. A name or a
 * label that stands in no row of the table is a mistake of ours, and throws.
 */
export function createMetrics(needs: {
  readonly prefix: string
  readonly collect?: (metrics: Metrics) => Promise<void>
}): Metrics {
  const registry = new Registry()
  const made = new Map<string, { metric: Counter | Gauge | Histogram; labels: readonly string[] }>()
  for (const [name, { kind, labels, help }] of Object.entries<MetricSaid>(metricTable)) {
    const options = { name: needs.prefix + name, help, labelNames: [...labels], registers: [registry] }
    const metric =
      kind === 'counter'
        ? new Counter(options)
        : kind === 'gauge'
          ? new Gauge(options)
          : new Histogram(options)
    made.set(name, { metric, labels })
  }
  const of = (name: string) => {
    const found = made.get(name)
    if (found === undefined) throw new Error(`there is no metric ${name}`)
    return found
  }
  const metrics: Metrics = {
    add(name, given, by = 1) {
      const { metric, labels } = of(name)
      if (metric instanceof Counter || metric instanceof Gauge) metric.inc(whole(labels, given), by)
    },
    observe(name, given, value) {
      const { metric, labels } = of(name)
      if (metric instanceof Histogram) metric.observe(whole(labels, given), value)
    },
    set(name, given, value) {
      const { metric, labels } = of(name)
      if (metric instanceof Gauge) metric.set(whole(labels, given), value)
    },
    async text() {
      await needs.collect?.(metrics)
      return registry.metrics()
    },
  }
  return metrics
}

/** All labels of a metric: one that was not given is empty, so that every series of a name has the same ones. */
function whole(labels: readonly string[], given: Labels): Record<string, string> {
  const all: Record<string, string> = { ...given }
  for (const label of labels) all[label] ??= ''
  return all
}

/** Serves the metrics on a port of their own. With a token, readers must send it. Rejects when the port is taken. */
export function serveMetrics(needs: {
  readonly metrics: Pick<Metrics, 'text'>
  readonly host: string
  readonly port: number
  readonly path: string
  readonly token?: string | null
}): Promise<Server> {
  const known = typeof needs.token === 'string' ? digestOf(needs.token) : null
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (request, response) => {
    const refuse = (status: number, headers: Record<string, string> = {}) =>
      response.writeHead(status, { ...commonHeaders, ...headers }).end()
    if (known !== null && !isKnown(known, request)) refuse(401, { 'www-authenticate': 'Bearer' })
    else if (request.url?.split('?', 1)[0] !== needs.path) refuse(404)
    else if (request.method !== 'GET' && request.method !== 'HEAD') refuse(405, { allow: 'GET, HEAD' })
    else
      needs.metrics.text().then(
        (text) => tell(response, text),
        () => refuse(500),
      )
  })
  server.maxConnections = 64
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(needs.port, needs.host, () => resolve(server))
  })
}

function tell(response: ServerResponse, text: string): void {
  const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' }
  response.writeHead(200, { ...commonHeaders, ...headers }).end(text)
}

function isKnown(known: Buffer, request: IncomingMessage): boolean {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  return given !== undefined && timingSafeEqual(digestOf(given), known)
}

/** Digests are of one length, which comparing in equal time needs. */
function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
