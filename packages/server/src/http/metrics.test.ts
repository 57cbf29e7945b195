import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createMetrics, metricTable, serveMetrics } from './metrics.ts'

describe('the metrics', () => {
  it('count, measure and stand, with all labels of their row', async () => {
    const metrics = createMetrics({ prefix: 'consoul_' })
    metrics.add('request_total', { endpoint: '/records', method: 'POST', status: '200' })
    metrics.add('request_total', { endpoint: '/records', method: 'POST', status: '200' }, 2)
    metrics.observe('request_latency_seconds', { endpoint: '/records', method: 'POST' }, 0.2)
    metrics.set('limit_store_degraded', {}, 1)
    const lines = (await metrics.text()).split('\n')
    expect(lines).toContain(
      'consoul_request_total{endpoint="/records",method="POST",status="200",model=""} 3',
    )
    expect(lines).toContain('consoul_request_latency_seconds_count{endpoint="/records",method="POST"} 1')
    expect(lines).toContain('consoul_limit_store_degraded 1')
    for (const name of Object.keys(metricTable)) expect(lines.join('\n')).toContain(`# HELP consoul_${name} `)
  })

  it('are asked for what changes by itself when they are read', async () => {
    let lag = 0
    const metrics = createMetrics({
      prefix: '',
      async collect(into) {
        lag += 1
        into.set('fold_lag_positions', { fold: 'records' }, lag)
      },
    })
    await metrics.text()
    expect(await metrics.text()).toContain('fold_lag_positions{fold="records"} 2')
  })

  it('throw on a name or a label that stands in no row', () => {
    const metrics = createMetrics({ prefix: '' })
    for (const act of [metrics.add, metrics.observe, metrics.set])
      expect(() => act('requests_total', {}, 1)).toThrow('there is no metric requests_total')
    expect(() => metrics.add('auth_total', { session: 's-1' })).toThrow('session')
  })
})

describe('the port of the metrics', () => {
  let server: Server
  afterEach(() => server.close())
  async function serve(token: string | null) {
    const metrics = createMetrics({ prefix: 'quarterdeck_' })
    server = await serveMetrics({ metrics, host: '127.0.0.1', port: 0, path: '/numbers', token })
    const { port } = server.address() as AddressInfo
    return (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init)
  }

  it('answers readers of its one path', async () => {
    const ask = await serve(null)
    const answer = await ask('/numbers?any=1')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    expect(await answer.text()).toContain('# TYPE quarterdeck_request_total counter')
    expect((await ask('/metrics')).status).toBe(404)
    expect((await ask('/numbers', { method: 'POST' })).status).toBe(405)
  })

  it('with a token answers nobody without it', async () => {
    const ask = await serve('the-right-token')
    const by = async (authorization?: string) =>
      (await ask('/numbers', authorization === undefined ? {} : { headers: { authorization } })).status
    expect(await by()).toBe(401)
    expect(await by('Bearer another-token')).toBe(401)
    expect(await by('Basic the-right-token')).toBe(401)
    expect(await by('Bearer the-right-token')).toBe(200)
    expect((await ask('/other')).status).toBe(401)
  })

  it('that is taken is refused', async () => {
    await serve(null)
    const { port } = server.address() as AddressInfo
    const metrics = createMetrics({ prefix: '' })
    const again = serveMetrics({ metrics, host: '127.0.0.1', port, path: '/', token: null })
    await expect(again).rejects.toThrow('EADDRINUSE')
    server.closeAllConnections()
    await Promise.all([once(server, 'close'), server.close()])
  })
})
