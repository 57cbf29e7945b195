import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StartRefused } from '../../src/config/problem.ts'
import { freePort } from '../engines/free-port.ts'
import { endAll, serve } from '../program.ts'
import { receiveSpans, type SpanReceiver } from '../span-receiver.ts'
import { openStage, type Stage } from '../stage.ts'
import { alive, freshFolder } from './alive.ts'
import { ask } from './ask.ts'

const measured = { CONSOLE_METRICS_ENABLED: 'true', CONSOLE_METRICS_PORT: '0' }
/** The status and the text of the metrics; null when nobody listens. */
async function page(stage: Stage, path = '/metrics', host = '127.0.0.1', headers = {}) {
  const { metricsPort } = stage.running
  if (metricsPort === null) return null
  const answer = await fetch(`http://${host}:${metricsPort}${path}`, { headers }).catch(() => null)
  return answer === null ? null : { status: answer.status, text: await answer.text() }
}

describe('the settings of metrics', () => {
  alive(
    'CONSOLE_METRICS_ENABLED',
    'false',
    async (stage) => {
      expect(stage.running.metricsPort).toBeNull()
    },
    { CONSOLE_METRICS_PORT: '0' },
  )
  let port = 0
  alive(
    'CONSOLE_METRICS_PORT',
    async () => {
      port = await freePort()
      return String(port)
    },
    async (stage) => {
      expect(stage.running.metricsPort).toBe(port)
      expect((await page(stage))?.status).toBe(200)
    },
    { CONSOLE_METRICS_ENABLED: 'true' },
  )
  alive(
    'CONSOLE_METRICS_HOST',
    '127.0.0.2',
    async (stage) => {
      expect([(await page(stage, '/metrics', '127.0.0.2'))?.status, await page(stage)]).toEqual([200, null])
    },
    measured,
  )
  alive(
    'CONSOLE_METRICS_TOKEN',
    'token-of-the-metrics',
    async (stage) => {
      const by = async (authorization: string) =>
        (await page(stage, '/metrics', '127.0.0.1', { authorization }))?.status
      expect(await by('Bearer token-of-the-metrics')).toBe(200)
      expect([(await page(stage))?.status, await by('Bearer another')]).toEqual([401, 401])
    },
    measured,
  )
  alive(
    'CONSOLE_METRICS_PATH',
    '/numbers',
    async (stage) => {
      expect([(await page(stage, '/numbers'))?.status, (await page(stage))?.status]).toEqual([200, 404])
    },
    measured,
  )
  alive(
    'CONSOLE_METRICS_PREFIX',
    'consoul_',
    async (stage) => {
      await ask(stage, 'GET /session')
      expect((await page(stage))?.text).toContain('\nconsoul_request_total{')
    },
    measured,
  )

  it('do not start where their port is taken', async () => {
    const taken = createServer()
    await once(taken.listen(0, '127.0.0.1'), 'listening')
    try {
      const settings = { ...measured, CONSOLE_METRICS_PORT: String((taken.address() as AddressInfo).port) }
      const refused = await openStage(settings).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(StartRefused)
      expect((refused as StartRefused).problems).toMatchObject([
        { code: 'address_in_use', setting: 'CONSOLE_METRICS_PORT' },
      ])
    } finally {
      taken.close()
    }
  })
})

describe('the settings of spans', () => {
  let collector: SpanReceiver
  beforeEach(async () => {
    collector = await receiveSpans()
  })
  afterEach(() => collector.stop())
  const sends = { CONSOLE_OTEL_ENABLED: 'true' }
  const there = () => ({ ...sends, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  /** The spans of one request, after the server has sent what waited. */
  async function spansOf(stage: Stage) {
    await ask(stage, 'GET /session?note=not-in-a-span')
    await stage.stop()
    return collector.spans
  }

  alive(
    'CONSOLE_OTEL_ENABLED',
    'true',
    async (stage) => {
      collector.spans.length = 0
      const spans = await spansOf(stage)
      const route = spans.find((span) => span.name === 'GET /session')
      const operation = spans.find((span) => span.name === 'identity.readSession')
      expect(route).toMatchObject({ attributes: { 'http.route': '/session' } })
      expect(operation?.parentSpanId).toBe(route?.spanId)
      expect(JSON.stringify(spans)).not.toContain('not-in-a-span')
    },
    () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }),
  )
  alive(
    'OTEL_SERVICE_NAME',
    'harbour',
    async (stage) => {
      collector.spans.length = 0
      const names = (await spansOf(stage)).map((span) => span.resource['service.name'])
      expect(new Set(names)).toEqual(new Set(['harbour']))
    },
    there,
  )
  alive(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    () => collector.url,
    async (stage) => {
      expect(await spansOf(stage)).not.toEqual([])
      expect(collector.calls[0]?.path).toBe('/v1/traces')
    },
    sends,
  )
  alive(
    'OTEL_EXPORTER_OTLP_HEADERS',
    'x-team=shop',
    async (stage) => {
      collector.calls.length = 0
      await spansOf(stage)
      expect(collector.calls.map(({ headers }) => headers['x-team'])).toContain('shop')
    },
    there,
  )

  it('of a trace that began elsewhere go on with it', async () => {
    const stage = await openStage(there())
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await ask(stage, 'GET /session', { headers: { traceparent } })
    await stage.stop()
    expect(collector.spans.find((span) => span.name === 'GET /session')).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
    })
  })
})

describe('the settings of logs', () => {
  afterEach(endAll)
  const lines = async (level: string | undefined) => {
    const server = await serve({ CONSOLE_DATA_DIR: freshFolder(), CONSOLE_LOG_LEVEL: level })
    await (await fetch(`${server.url}/nothing`)).text()
    await server.stop()
    return server
      .said()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { level: number })
  }

  it('CONSOLE_LOG_LEVEL is alive', async () => {
    const levels = async (level: string | undefined) =>
      new Set((await lines(level)).map((line) => line.level))
    expect(await levels('debug')).toContain(20)
    expect(await levels(undefined)).not.toContain(20)
    expect(await levels('silent')).toEqual(new Set())
  })

  alive('CONSOLE_REDACT_KEYS', 'pinCode', async (stage) => {
    await stage.client.telemetry.append({
      schema_version: '0.3.0',
      event_type: 'tool.result',
      session_id: 's-1',
      event_id: 'm-1',
      timestamp: Date.now(),
      pinCode: 'four-digits',
    })
    const { records } = await stage.client.telemetry.query({ preset: '15m' })
    expect(JSON.stringify(records)).toContain('[redacted]')
  })

  alive('CONSOLE_APP_NAME', 'Harbour', async (stage) => {
    expect((await ask(stage, 'GET /health')).body).toMatchObject({ service: 'Harbour' })
  })
})
