import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { operations } from '@quarterdeck/sdk/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../engines/free-port.ts'
import { endAll, type Serving, serve } from '../program.ts'
import { event, localStorages, measurement, openStage } from '../stage.ts'
import { type Asking, askFrom } from './ask-from.ts'
import { type Canary, canaries, filesUnder, freshSecret, seenIn, seenInFiles } from './canaries.ts'

const token = `home-token-${freshSecret()}`
const other = `other-token-${freshSecret()}`
const secret = freshSecret()
const redisPassword = `redis-pw-${freshSecret().slice(0, 20)}`
const all = canaries([
  ['the token of the settings', token],
  ['another token of the settings', other],
  ['the secret of the settings', secret],
  ['the password within a URL of the settings', redisPassword],
])

/** A text that says a canary where nothing but its shape tells, or an object that says it under its key. */
const said = ({ text, key }: Canary, around = ''): unknown =>
  key === undefined ? `${around}${text} and on` : { [key]: text, deeper: { list: [{ [key]: [text] }] } }

const spread = (canary: Canary): Record<string, unknown> => {
  const value = said(canary, 'it said ')
  const text = canary.key === undefined ? String(value) : 'nothing here'
  const aside = canary.key === undefined ? { [`key ${canary.text}`]: 1 } : { [canary.key]: canary.text }
  return {
    payload: {
      summary: text,
      reason: text,
      before: { note: value },
      after: { title: text, status: 'running', note: value, ...aside },
      data: [value, { deep: [{ deeper: value }] }],
      refs: [{ product: 'flow', kind: 'file', id: 'f', label: text, url: `https://example.com/?q=${text}` }],
      actions: [{ id: 'retry', authority: 'operator', command: value }],
      long: `${'x'.repeat(8_192 - 20)}${text}${'y'.repeat(100)}`,
    },
    actor: {
      kind: 'person',
      id: canary.key === undefined ? text.replaceAll('\n', ' ').slice(0, 190) : 'somebody',
    },
    unknownField: value,
  }
}

describe.each(localStorages)('secrets that producers say by mistake, on %s', (_, storage) => {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-canaries-'))
  const data = join(folder, 'data')
  const root = join(folder, 'shop')
  let server: Serving
  let metricsPort: number
  let heard = ''
  let taken = 0
  let measured = 0

  const ask = (path: string, asking: Asking = {}, origin = server.url) =>
    askFrom(origin, path, { ...asking, headers: { authorization: `Bearer ${token}`, ...asking.headers } })
  async function tell(path: string, body: unknown, type?: string): Promise<void> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const { status, text: answer } = await ask(path, { body: text, ...(type === undefined ? {} : { type }) })
    expect([status, answer]).toEqual([200, expect.not.stringContaining('"status":"rejected"')])
  }

  beforeAll(async () => {
    mkdirSync(join(root, 'runs'), { recursive: true })
    const source = {
      id: 'runs',
      root: 'product:shop:runs',
      files: ['*.json'],
      attributes: { note: 'note', apiKey: 'auth.apiKey', secretive: 'auth.dbPassword' },
    }
    writeFileSync(join(root, 'console.telemetry.json'), JSON.stringify({ recordSources: [source] }))
    for (const [n, canary] of all.entries()) {
      const auth = { apiKey: canary.text, dbPassword: canary.text }
      const note = canary.key === undefined ? canary.text : 'nothing'
      writeFileSync(join(root, 'runs', `${n}.json`), JSON.stringify({ note, auth }))
    }
    metricsPort = await freePort()
    server = await serve({
      ...storage(folder),
      CONSOLE_DATA_DIR: data,
      CONSOLE_SECRET: secret,
      CONSOLE_AUTH_TOKEN: token,
      CONSOLE_AUTH_TOKENS_JSON: JSON.stringify([
        { token: other, tenantId: 'default', label: 'other', scopes: ['records:read'] },
      ]),
      CONSOLE_REDIS_URL: `redis://:${redisPassword}@127.0.0.1:1/0`,
      CONSOLE_TELEMETRY_PRODUCT_ROOTS: `shop:${root}`,
      CONSOLE_METRICS_ENABLED: 'true',
      CONSOLE_METRICS_PORT: String(metricsPort),
      CONSOLE_LOG_LEVEL: 'debug',
      CONSOLE_TRUSTED_PROXIES: '127.0.0.1',
    })
    const stream = request(
      `${server.url}/stream?topics=state,records,telemetry`,
      { headers: { authorization: `Bearer ${token}` } },
      (response) =>
        response.setEncoding('utf8').on('data', (chunk: string) => {
          heard += chunk
        }),
    )
    stream.on('error', () => undefined)
    stream.end()
  })
  afterAll(async () => {
    await endAll()
    rmSync(folder, { recursive: true, force: true })
  })

  it('are taken as records, alone, in a batch and as lines', async () => {
    for (const [n, canary] of all.entries()) {
      await tell('/records', event(`lone-${n}`, spread(canary)))
      taken += 1
    }
    const of = (way: string) => all.map((canary, n) => event(`${way}-${n}`, spread(canary)))
    await tell('/records', of('array'))
    await tell(
      '/records',
      of('line')
        .map((one) => JSON.stringify(one))
        .join('\n'),
      'application/x-ndjson',
    )
    await tell(
      '/records',
      all.map((canary, n) => ({
        schema: 'console.projection',
        version: '0.1',
        id: `view-${n}`,
        generatedAt: '2026-11-20T09:14:03Z',
        producer: { id: `p${n}`, product: 'flow' },
        scope: { kind: 'repo', id: 'shop' },
        derivedFrom: { mode: 'event_replay' },
        claims: [{ id: `claim-${n}`, status: 'proposed', title: said(canary), note: said(canary) }],
      })),
    )
    taken += 3 * all.length
  })

  it('are taken as telemetry, and by the three signals of OTLP', async () => {
    await tell(
      '/telemetry/records',
      all.map((canary, n) =>
        measurement(`m-${n}`, {
          agent: { name: canary.key === undefined ? canary.text : 'agent' },
          tool: { name: 'run', input: canary.text, output: { stdout: canary.text } },
          prompt: canary.text,
          note: said(canary),
          list: [said(canary)],
        }),
      ),
    )
    const at = `${Date.now()}000000`
    const attributesOf = (canary: Canary) => [
      { key: canary.key ?? 'note', value: { stringValue: canary.text } },
      {
        key: 'http.request.header.authorization',
        value: { arrayValue: { values: [{ stringValue: canary.text }] } },
      },
      { key: 'gen_ai.prompt', value: { stringValue: canary.text } },
      { key: 'gen_ai.completion', value: { stringValue: canary.text } },
    ]
    const traces = all.map((canary, n) => ({
      traceId: String(n + 1).padStart(32, '0'),
      spanId: String(n + 1).padStart(16, '0'),
      name: canary.key === undefined ? canary.text : 'a span',
      startTimeUnixNano: at,
      endTimeUnixNano: at,
      status: { code: 2, message: canary.key === undefined ? canary.text : '' },
      attributes: attributesOf(canary),
      events: [{ timeUnixNano: at, name: 'e', attributes: attributesOf(canary) }],
    }))
    const logs = all.map((canary) => ({
      timeUnixNano: at,
      body: {
        kvlistValue: { values: [{ key: canary.key ?? 'said', value: { stringValue: canary.text } }] },
      },
      attributes: attributesOf(canary),
    }))
    const points = all.map((canary, n) => ({
      timeUnixNano: at,
      asInt: String(n),
      attributes: attributesOf(canary),
    }))
    const resource = {
      attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }, ...all.flatMap(attributesOf)],
    }
    await tell('/v1/traces', { resourceSpans: [{ resource, scopeSpans: [{ spans: traces }] }] })
    await tell('/v1/logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords: logs }] }] })
    const metrics = [{ name: 'queue', gauge: { dataPoints: points } }]
    await tell('/v1/metrics', { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] })
    measured += 4 * all.length
  })

  it('are refused where they would name something, and said back by no refusal', async () => {
    const shaped = all.filter((canary) => canary.key === undefined)
    const answers: string[] = []
    for (const { text, name } of shaped) {
      const id = text.replaceAll('\n', ' ').slice(0, 199)
      const refused = [
        event(id),
        event('x1', { type: id }),
        event('x2', { subject: { product: 'flow', kind: 'process', id } }),
        event('x3', { correlationId: id }),
        event('x4', { producer: { id, product: id } }),
        { schema: 'console.liveness', version: '0.1', actor: id, subjectId: 's', at: '2026-11-20T09:14:03Z' },
      ]
      const { status, text: answer } = await ask('/records', { body: JSON.stringify(refused) })
      const { receipts } = JSON.parse(answer) as { receipts: { code?: string }[] }
      expect([status, receipts.map((one) => one.code)], name).toEqual([
        200,
        refused.map(() => 'secret_in_id'),
      ])
      const asked = encodeURIComponent(text)
      const bad: [string, Asking?][] = [
        [`/state?at=${asked}`],
        [`/state/${asked}`],
        [`/records?after=${asked}&cursor=${asked}`],
        [`/records/${asked}`],
        [`/telemetry?preset=${asked}&limit=${asked}&${asked}=1`],
        [`/telemetry/traces/${asked}`],
        [`/stream?topics=${asked}`],
        [`/stream?topics=state&after=${asked}`, { headers: { authorization: 'Bearer none' } }],
        [`/${asked}`],
        ['/state', { headers: { authorization: `Bearer ${text.replaceAll('\n', ' ')}` } }],
        ['/state', { headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` } }],
        [
          '/telemetry',
          { headers: { authorization: `Bearer ${other}`, 'x-request-id': text.replaceAll('\n', ' ') } },
        ],
        [
          '/nothing',
          { headers: { cookie: `console_session=${asked}`, 'user-agent': asked, referer: asked } },
        ],
        ['/records', { body: `{"id": ${text}` }],
        ['/records', { body: JSON.stringify(event('x5', { payload: { [text]: '\u0000' } })) }],
        ['/records', { body: JSON.stringify(event('x6', { occurredAt: text, version: text })) }],
        ['/records', { body: '{}', type: asked }],
        ['/telemetry/records', { body: JSON.stringify({ event_id: text }) }],
        ['/v1/traces', { body: text }],
      ]
      if (text !== token && text !== other) bad.push(['/session', { body: JSON.stringify({ token: text }) }])
      for (const [path, asking] of bad) {
        const answer = await ask(path, asking)
        if (path === '/state' && /home|other/.test(name)) continue
        if (path.includes('topics=state')) expect(answer.status).toBe(401)
        answers.push(answer.text)
      }
    }
    const spoken = answers.flatMap((answer) =>
      seenIn(answer, all).map((name) => `${name}: ${answer.slice(0, 300)}`),
    )
    expect(spoken).toEqual([])
  })

  it('are in no answer, on no stream, in no log line, metric or contract', async () => {
    await expect
      .poll(async () => JSON.parse((await ask('/telemetry?preset=24h')).text).totals.records, {
        timeout: 5_000,
      })
      .toBe(measured + all.length)
    const inputs: Record<string, string[]> = {
      'records.state': ['/state', `/state?at=${taken}`],
      'records.objects': ['processes', 'claims', 'actions', 'evidence'].map((kind) => `/state/${kind}`),
      'records.object': [
        '/state/processes/flow/run-7',
        ...all.map((__, n) => `/state/claims/flow/claim-${n}`),
      ],
      'records.list': Array.from({ length: taken / 10 }, (__, n) => `/records?limit=10&after=${n * 10}`),
      'records.get': all.map((__, n) => `/records/lone-${n}`),
      'records.producers': ['/producers?limit=100'],
      'records.economics': ['/economics?view=cost'],
      'telemetry.query': ['/telemetry?preset=24h&limit=100', '/telemetry?preset=24h&limit=100&sort=asc'],
      'telemetry.series': ['tool', 'agent', 'model'].map(
        (by) => `/telemetry/series?preset=24h&measure=records&bucket=1h&by=${by}`,
      ),
      'telemetry.trace': all.map((__, n) => `/telemetry/traces/${String(n + 1).padStart(32, '0')}`),
      'telemetry.descriptors': ['/telemetry/descriptors'],
      'identity.readSession': ['/session'],
      'identity.jwks': ['/.well-known/jwks.json'],
      'identity.listOperators': ['/identity/operators'],
      'identity.listTokens': ['/identity/tokens'],
      'functions.list': ['/functions'],
      'functions.tables': ['/tables'],
    }
    // No app is served here: there is nothing to be shown, and the refusals are searched.
    const missing: Record<string, string> = {
      'functions.get': '/functions/nothing',
      'functions.calls': '/functions/nothing/calls',
      'functions.rows': '/tables/nothing/rows',
      'functions.versions': '/tables/nothing/rows/n1/versions',
    }
    // What this token may not read is searched for in its refusals.
    const refused: Record<string, string> = {
      'identity.login': '/auth/login?issuer=x',
      'identity.listSessions': '/identity/sessions',
      'identity.operatorSessions': '/identity/operators/local/sessions',
      'identity.listMail': '/identity/mail',
      'identity.listKeys': '/identity/keys',
    }
    const reads = operations().filter((one) => one.effect === 'read')
    expect(reads.map((one) => one.name).sort()).toEqual(
      Object.keys({ ...inputs, ...missing, ...refused }).sort(),
    )
    const shown: string[] = []
    const look = (where: string, text: string) =>
      shown.push(...seenIn(text, all).map((name) => `${name} in ${where}`))
    for (const path of [
      ...Object.values(inputs).flat(),
      '/openapi.json',
      '/readyz',
      '/healthz',
      '/version',
    ]) {
      const { status, text } = await ask(path)
      expect([path, status]).toEqual([path, 200])
      look(path, text)
    }
    for (const [paths, wanted] of [
      [refused, 403],
      [missing, 404],
    ] as const)
      for (const path of Object.values(paths)) {
        const { status, text } = await ask(path)
        expect([path, status]).toEqual([path, wanted])
        look(path, text)
      }
    const metrics = await ask('/metrics', {}, `http://127.0.0.1:${metricsPort}`)
    expect(metrics.text).toContain('quarterdeck_log_entries_total')
    look('the metrics', metrics.text)
    await expect.poll(() => heard).toContain('"projection:view-0"')
    look('the stream', heard)
    look('the log', server.said())
    expect(shown).toEqual([])
    expect((await ask('/records/lone-0')).text).toContain('[redacted]')
  })

  it('are in no file of the data folder, and their content is kept as size and MAC alone', async () => {
    const { text } = await ask('/telemetry?preset=24h&limit=100&filter=event:tool.result')
    const { records } = JSON.parse(text) as {
      records: { record: { prompt: unknown; tool: { input: unknown } } }[]
    }
    expect(records).toHaveLength(all.length)
    for (const { record } of records) {
      for (const content of [record.prompt, record.tool.input])
        expect(content).toEqual({ bytes: expect.any(Number), mac: expect.stringMatching(/^[0-9a-f]{64}$/) })
    }
    // While it runs, and after it wrote what it had counted.
    const leaks = () => seenInFiles(folder, all).filter((where) => !where.includes(' in shop/'))
    expect(leaks()).toEqual([])
    expect(await server.stop()).toBe(0)
    expect(filesUnder(folder).length).toBeGreaterThan(all.length + 1)
    expect(leaks()).toEqual([])
    expect(seenIn(server.said(), all)).toEqual([])
  })
})

it('content is kept when the settings say so, but the secrets in it are not', async () => {
  const stage = await openStage({ CONSOLE_TELEMETRY_KEEP_CONTENT: 'true', CONSOLE_AUTH_TOKEN: token })
  try {
    const prompt = 'Why does the build fail?'
    const input = {
      command: `curl -H "authorization: Bearer ${token}" https://example.com`,
      apiKey: 'Kb0123456789',
    }
    await stage.client.telemetry.append(measurement('m1', { prompt, tool: { name: 'shell', input } }))
    const { records } = await stage.client.telemetry.query({ preset: '15m' })
    expect(records[0]?.record).toMatchObject({
      prompt,
      tool: {
        input: {
          command: 'curl -H "authorization: Bearer [redacted]" https://example.com',
          apiKey: '[redacted]',
        },
      },
    })
  } finally {
    await stage.stop()
  }
})
