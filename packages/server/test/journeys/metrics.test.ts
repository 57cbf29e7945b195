import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { metricTable } from '../../src/http/metrics.ts'
import { event, openStage, type Stage } from '../stage.ts'
import { readStream } from './sse.ts'

describe('the metrics', () => {
  let stage: Stage
  const settings = { CONSOLE_METRICS_ENABLED: 'true', CONSOLE_METRICS_PORT: '0' }
  beforeEach(async () => {
    stage = await openStage(settings)
  })
  afterEach(() => stage.stop())
  const page = (path = '/metrics') => fetch(`http://127.0.0.1:${stage.running.metricsPort}${path}`)

  it('all move when what they count happens', async () => {
    await stage.client.records.append(event('e1'))
    await stage.client.records.append(event('e1'))
    const reader = readStream(stage.url, stage.token, '/stream?topics=records', 'garbled')
    await expect.poll(() => reader.told.length).toBe(2)
    const text = await (await page()).text()
    const values = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    const unmoved = Object.keys(metricTable).filter(
      (name) => !values.some((line) => line.startsWith(`quarterdeck_${name}`)),
    )
    expect(unmoved).toEqual([])
    expect(values).toContain('quarterdeck_log_entries_total{log="records",status="accepted"} 1')
    expect(values).toContain('quarterdeck_log_entries_total{log="records",status="duplicate"} 1')
    expect(values).toContain('quarterdeck_stream_gaps_total{topic="records",reason="unknown"} 1')
    expect(values).toContain('quarterdeck_open_streams{kind="sse"} 1')
    expect(values).toContain('quarterdeck_fold_lag_positions{fold="records"} 0')
    expect(values).toContain(
      'quarterdeck_request_total{endpoint="records.append",method="POST",status="200"} 2',
    )
    expect(values).toContain('quarterdeck_log_append_seconds_count{log="records"} 2')
    expect(values).toContain(
      'quarterdeck_request_latency_seconds_count{endpoint="records.append",method="POST"} 2',
    )
    reader.cut()
    await expect
      .poll(async () => (await (await page()).text()).includes('quarterdeck_open_streams{kind="sse"} 0'))
      .toBe(true)
  })

  it('move to another path and prefix, and are off when they are switched off', async () => {
    stage = await stage.restart({ CONSOLE_METRICS_PATH: '/numbers', CONSOLE_METRICS_PREFIX: 'consoul_' })
    expect((await page()).status).toBe(404)
    expect(await (await page('/numbers')).text()).toContain('consoul_log_entries_total')
    stage = await stage.restart({ CONSOLE_METRICS_ENABLED: 'false' })
    expect(stage.running.metricsPort).toBeNull()
  })
})
