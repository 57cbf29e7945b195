import { fault } from '@quarterdeck/sdk/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { receiveSpans, type SpanReceiver } from '../../test/span-receiver.ts'
import { createRedactor } from '../core/redact.ts'
import { createTracing, noTracing, type Tracing, type TracingSettings } from './tracing.ts'

const secret = 's3cr3t-live-value'
const traceId = '0af7651916cd43dd8448eb211c80319c'
const parent = `00-${traceId}-b7ad6b7169203331-01`
const off: TracingSettings = {
  otel: { enabled: false, serviceName: 'quarterdeck', endpoint: null },
  langsmith: { enabled: false, apiKey: null, endpoint: '', project: '' },
}

describe('the spans', () => {
  let collector: SpanReceiver
  let langsmith: SpanReceiver
  let tracing: Tracing
  let said: string[]
  const open = (more: Partial<TracingSettings> = {}) =>
    createTracing({
      settings: {
        ...off,
        otel: {
          enabled: true,
          serviceName: 'harbour',
          endpoint: `${collector.url}/`,
          headers: { 'x-team': 'shop' },
        },
        ...more,
      },
      version: '1.2.3',
      environment: 'staging',
      redact: createRedactor({ secrets: () => [secret], keys: [] }),
      report: (what) => said.push(what),
      now: Date.now,
    })
  beforeEach(async () => {
    said = []
    ;[collector, langsmith] = await Promise.all([receiveSpans(), receiveSpans()])
  })
  afterEach(() => Promise.all([tracing.shutdown(), collector.stop(), langsmith.stop()]))

  const turn = (headers = {}) =>
    tracing.traceRequest(headers, { method: 'POST', route: '/chat/:session' }, async (request) => {
      await tracing.span('assistant.say', {}, async () => {
        await tracing.span('chat', { 'gen_ai.request.model': 'small' }, async (model) => {
          await tracing.span('execute_tool', { 'gen_ai.tool.name': 'search' }, async () => undefined)
          model.set({ 'gen_ai.usage.input_tokens': 12 })
        })
        await tracing.span('mail', { to: 'console' }, async () => undefined)
      })
      request.answered(200)
      return request.traceparent
    })

  it('of a request hold its operation, and within it what that did', async () => {
    tracing = await open()
    await turn()
    await tracing.shutdown()
    const by = (name: string) => collector.spans.find((span) => span.name === name)
    const route = by('POST /chat/:session')
    expect(route).toMatchObject({
      kind: 2,
      parentSpanId: '',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/chat/:session',
        'http.response.status_code': '200',
      },
      resource: {
        'service.name': 'harbour',
        'service.version': '1.2.3',
        'deployment.environment.name': 'staging',
      },
    })
    expect(by('assistant.say')?.parentSpanId).toBe(route?.spanId)
    expect(by('chat')?.parentSpanId).toBe(by('assistant.say')?.spanId)
    expect(by('execute_tool')?.parentSpanId).toBe(by('chat')?.spanId)
    expect(by('mail')?.parentSpanId).toBe(by('assistant.say')?.spanId)
    expect(new Set(collector.spans.map((span) => span.traceId)).size).toBe(1)
    expect(collector.calls.map(({ path, headers }) => [path, headers['x-team']])).toEqual([
      ['/v1/traces', 'shop'],
    ])
  })

  it('go on with the trace that a request came with, and hand it on', async () => {
    tracing = await open()
    const handed = await turn({ traceparent: parent, tracestate: 'a=1' })
    const carried = await tracing.traceRequest(
      { traceparent: parent, tracestate: 'a=1' },
      { method: 'GET', route: '/state' },
      () => tracing.span('records.state', {}, async () => tracing.outgoing()),
    )
    await tracing.shutdown()
    const route = collector.spans.find((span) => span.name === 'POST /chat/:session')
    expect(route).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' })
    expect(handed).toBe(`00-${traceId}-${route?.spanId}-01`)
    const operation = collector.spans.find((span) => span.name === 'records.state')
    expect(carried).toEqual({ traceparent: `00-${traceId}-${operation?.spanId}-01`, tracestate: 'a=1' })
  })

  it.each([
    ['broken', `00-${traceId}-b7ad6b7169203331`],
    ['of nothing', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['within nothing', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['of a version that cannot be', `ff-${traceId}-b7ad6b7169203331-01`],
  ])('begin a trace anew where the one named is %s', async (_, traceparent) => {
    tracing = await open()
    await turn({ traceparent })
    await tracing.shutdown()
    const route = collector.spans.find((span) => span.name === 'POST /chat/:session')
    expect(route?.parentSpanId).toBe('')
    expect(route?.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(route?.traceId).not.toBe(traceId)
  })

  it('of a trace that its beginner does not keep are not sent', async () => {
    tracing = await open()
    await turn({ traceparent: parent.replace(/01$/, '00') })
    await tracing.shutdown()
    expect(collector.spans).toEqual([])
  })

  it('that failed say by what code, and nothing of what was thrown', async () => {
    tracing = await open()
    const failing = (error: Error) =>
      tracing
        .traceRequest({}, { method: 'GET', route: '/state' }, () =>
          tracing.span('records.state', {}, () => Promise.reject(error)),
        )
        .catch((thrown: unknown) => thrown)
    const known = fault('state_unavailable', `because of ${secret}`)
    expect(await failing(known)).toBe(known)
    await failing(new TypeError(`a bug with ${secret}`))
    await tracing.shutdown()
    expect(collector.spans.map((span) => span.attributes['error.type'])).toEqual([
      'state_unavailable',
      'state_unavailable',
      'TypeError',
      'TypeError',
    ])
    expect(collector.spans.map((span) => [span.status?.code, span.events.length])).toEqual(
      collector.spans.map(() => [2, 0]),
    )
    expect(JSON.stringify(collector.spans)).not.toContain(secret)
  })

  it('hold no secret, whatever they were told', async () => {
    tracing = await open()
    await tracing.traceRequest({}, { method: 'GET', route: '/x' }, async (request) => {
      request.set({ 'db.url': 'postgres://me:hunter2@db/x', note: `by ${secret}`, 'api-key': 'abc' })
      await tracing.span(`call ${secret}`, { list: [secret, 'plain'] }, async () => undefined)
    })
    await tracing.shutdown()
    const text = JSON.stringify(collector.spans)
    expect(text).not.toMatch(/s3cr3t|hunter2|"abc"/)
    expect(text).toContain('postgres://me:[redacted]@db/x')
    expect(text).toContain('plain')
  })

  it('of models and tools alone go to LangSmith, which begins its trace with the first of them', async () => {
    const key = 'ls-key-of-the-test'
    tracing = await open({
      langsmith: { enabled: true, apiKey: key, endpoint: langsmith.url, project: 'harbour' },
    })
    await turn()
    await tracing.shutdown()
    expect(collector.spans).toHaveLength(5)
    expect(langsmith.spans.map((span) => span.name).sort()).toEqual(['chat', 'execute_tool'])
    const model = langsmith.spans.find((span) => span.name === 'chat')
    expect(model).toMatchObject({
      parentSpanId: '',
      attributes: { 'gen_ai.request.model': 'small', 'gen_ai.usage.input_tokens': '12' },
    })
    expect(langsmith.spans.find((span) => span.name === 'execute_tool')?.parentSpanId).toBe(model?.spanId)
    const [call] = langsmith.calls
    expect(call).toMatchObject({
      path: '/otel/v1/traces',
      headers: { 'x-api-key': key, 'langsmith-project': 'harbour' },
    })
    expect(call?.headers['x-team']).toBeUndefined()
    expect(collector.calls[0]?.headers['x-api-key']).toBeUndefined()
  })

  it('that nobody takes are dropped, and the log is told once', async () => {
    collector.answer(400)
    tracing = await open()
    for (let count = 0; count < 3_000; count += 1)
      await tracing.span('records.append', {}, async () => undefined)
    await tracing.shutdown()
    expect(said).toEqual(['spans could not be sent to the collector'])
    expect(collector.spans).toEqual([])
  })
})

describe('without tracing', () => {
  it('acts run all the same, and a trace that came is handed on', async () => {
    const tracing = await createTracing({
      settings: off,
      version: '1',
      environment: 'local',
      redact: createRedactor({ secrets: () => [], keys: [] }),
      report: () => undefined,
      now: Date.now,
    })
    expect(tracing).toBe(noTracing)
    const asked = { method: 'GET', route: '/state' }
    const handed = (traceparent?: string) =>
      tracing.traceRequest(traceparent === undefined ? {} : { traceparent }, asked, (request) =>
        tracing.span('records.state', {}, async () => request.traceparent),
      )
    expect(await handed(parent)).toBe(parent)
    expect(await handed('broken')).toBeNull()
    expect(await handed()).toBeNull()
    await expect(tracing.span('any', {}, () => Promise.reject(new Error('told')))).rejects.toThrow('told')
  })
})
