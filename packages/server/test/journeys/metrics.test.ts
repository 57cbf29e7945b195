import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type MetricName, metricTable } from '../../src/http/metrics.ts'
import { event, openStage, type Stage } from '../stage.ts'
import { readStream } from './sse.ts'

/** Metrics of the assistant, which is not there yet. */
const later: readonly MetricName[] = ['token_usage_total', 'active_sessions', 'tool_executions_total']

describe('the metrics', () => {
  let stage: Stage
  const settings = {
    CONSOLE_METRICS_ENABLED: 'true',
    CONSOLE_METRICS_PORT: '0',
    CONSOLE_APP: join(import.meta.dirname, '../apps/trial'),
  }
  beforeEach(async () => {
    stage = await openStage(settings)
  })
  afterEach(() => stage.stop())
  const page = (path = '/metrics') => fetch(`http://127.0.0.1:${stage.running.metricsPort}${path}`)
  const values = async () =>
    (await (await page()).text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const call = async (path: string, token = stage.token, method = 'GET') => {
    const answer = await fetch(stage.url + path, { method, headers: { authorization: `Bearer ${token}` } })
    await answer.text()
    return answer.status
  }

  it('all move when what they count happens', async () => {
    await stage.client.records.append(event('e1'))
    await stage.client.records.append(event('e1'))
    expect(await stage.client.functions.run({ fn: 'increment', args: ['a'] })).toMatchObject({ result: 1 })
    await expect(stage.client.functions.run({ fn: 'missing' })).rejects.toMatchObject({ code: 'not_found' })
    const reader = readStream(stage.url, stage.token, '/stream?topics=records', 'garbled')
    await expect.poll(() => reader.told.length).toBe(2)
    expect(await call('/records/none')).toBe(404)
    expect(await call('/state', 'of-nobody')).toBe(401)
    const lines = await values()
    const unmoved = Object.keys(metricTable).filter(
      (name) =>
        !later.some((one) => one === name) && !lines.some((line) => line.startsWith(`quarterdeck_${name}`)),
    )
    expect(unmoved).toEqual([])
    for (const line of [
      'log_entries_total{log="records",status="accepted"} 1',
      'log_entries_total{log="records",status="duplicate"} 1',
      'log_append_seconds_count{log="records"} 2',
      'stream_gaps_total{topic="records",reason="unknown"} 1',
      'function_calls_total{fn="increment",outcome="ok"} 1',
      'function_calls_total{fn="missing",outcome="refused"} 1',
      'function_seconds_count{fn="increment"} 1',
      'tables_commits_total{outcome="committed"} 1',
      'open_streams{kind="sse"} 1',
      'fold_lag_positions{fold="records"} 0',
      'request_total{endpoint="/records",method="POST",status="200",model=""} 2',
      'request_latency_seconds_count{endpoint="/records",method="POST"} 2',
      'errors_total{endpoint="/records/:id",error_type="not_found"} 1',
      'errors_total{endpoint="/state",error_type="unauthenticated"} 1',
      'auth_total{method="bearer",outcome="unauthenticated"} 1',
      'limit_store_degraded 0',
    ])
      expect(lines).toContain(`quarterdeck_${line}`)
    expect(
      lines.find((line) => line.startsWith('quarterdeck_auth_total{method="bearer",outcome="ok"}')),
    ).toMatch(/ [1-9]\d*$/)
    expect(lines.filter((line) => line.startsWith('quarterdeck_limit_total{class="ingest"'))).toHaveLength(1)
    // Zero is what a gauge says that nobody sets.
    const delay = async () =>
      Number(
        (await values()).find((line) => line.startsWith('quarterdeck_loop_delay_seconds '))?.split(' ')[1],
      )
    await expect.poll(delay).toBeGreaterThan(0)
    reader.cut()
    await expect.poll(values).toContain('quarterdeck_open_streams{kind="sse"} 0')
  })

  it('grow no series with paths that there are not, nor with ids', async () => {
    // Refusals are counted and written to the decisions a moment later, which has a series of its own.
    const series = async () =>
      (await values())
        .filter((line) => !line.includes('log="decisions"'))
        .map((line) => line.slice(0, line.lastIndexOf(' ')))
        .sort()
    const visit = async (n: number) => {
      expect(await call(`/no/such/path-${n}`)).toBe(404)
      expect(await call(`/records/id-${n}`)).toBe(404)
      expect(await call(`/state?at=${n}&any=${n}`, `token-${n}`)).toBe(401)
      expect(await call(`/state/${n}`, stage.token, 'PUT')).toBe(405)
    }
    await visit(0)
    const before = await series()
    for (let n = 1; n <= 5; n += 1) await visit(n)
    expect(await series()).toEqual(before)
    expect(
      (await values()).find((line) => line.includes('endpoint="other"') && line.includes('"404"')),
    ).toMatch(/^quarterdeck_request_total.* 6$/)
  })

  it('move to another path and prefix, and are off when they are switched off', async () => {
    stage = await stage.restart({ CONSOLE_METRICS_PATH: '/numbers', CONSOLE_METRICS_PREFIX: 'consoul_' })
    expect((await page()).status).toBe(404)
    expect(await (await page('/numbers')).text()).toContain('consoul_log_entries_total')
    stage = await stage.restart({ CONSOLE_METRICS_ENABLED: 'false' })
    expect(stage.running.metricsPort).toBeNull()
  })
})
