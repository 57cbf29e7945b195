import { describe, expect, it } from 'vitest'
import { event, measurement } from '../../test/stage.ts'
import { memoryLog } from '../adapters/memory/log.ts'
import { recordKind } from '../features/records/record-kind.ts'
import { recordsShape } from '../features/records/shape.ts'
import { telemetryShape } from '../features/telemetry/shape.ts'
import { telemetryKind } from '../features/telemetry/telemetry-kind.ts'
import { createIngest } from './ingest.ts'
import { createRedactor, redacted } from './redact.ts'

const actor = { tenant: 't', principal: 'p', class: 'service', permissions: ['*'], credential: 'c' } as const

function way(keepContent = false) {
  const redact = createRedactor({ secrets: () => ['live "quoted" secret'], keys: ['pin'] })
  const common = { key: new Uint8Array(32).fill(7), redact, now: Date.now, refused: () => undefined }
  const records = memoryLog({ shape: recordsShape })
  const telemetry = memoryLog({ shape: telemetryShape })
  const kind = telemetryKind({ keepContent, retentionMs: 86_400_000 })
  return {
    record: createIngest({ ...common, log: records, kind: recordKind }),
    measure: createIngest({ ...common, log: telemetry, kind }),
    stored: async (log: 'records' | 'telemetry', id: string) => {
      const entry = await (log === 'records' ? records : telemetry).get('t', id)
      return { ...entry, record: JSON.parse(entry?.payload ?? 'null') as Record<string, never> }
    },
  }
}

describe('what is stored of a record', () => {
  it('is the record itself when it holds nothing to hide', async () => {
    const { record, stored } = way()
    const given = event('plain', { extra: { list: [1, 'ü'] } })
    await record(actor, [given])
    expect((await stored('records', 'plain')).record).toEqual(given)
  })

  it.each([
    ['a live secret that JSON escapes', { payload: { summary: 'has live "quoted" secret in it' } }, 'quoted'],
    ['a value under a key that names a secret', { payload: { data: { clientSecret: 'v4lue' } } }, 'v4lue'],
    ['a value under a key of the settings', { payload: { data: { PIN: '9911' } } }, '9911'],
    ['a password in a URL', { payload: { summary: 'postgres://u:hunter2@db/x' } }, 'hunter2'],
  ])('is without %s', async (_, more, secret) => {
    const { record, stored } = way()
    await record(actor, [event('e', more)])
    const { payload } = await stored('records', 'e')
    expect(payload).not.toContain(secret)
    expect(payload).toContain(redacted)
  })

  it('has long strings cut, with a MAC that tells equal ones', async () => {
    const { record, stored } = way()
    const long = 'x'.repeat(9_000)
    await record(actor, [event('e', { payload: { data: { a: long, b: long, c: `${long}y` } } })])
    const { record: kept } = await stored('records', 'e')
    const { a, b, c } = (kept.payload as unknown as { data: Record<string, string> }).data as {
      a: string
      b: string
      c: string
    }
    expect(a.length).toBeLessThan(8_400)
    expect(a).toBe(b)
    expect(c.slice(-80)).not.toBe(a.slice(-80))
  })

  it('has what people and models said replaced, unless it is to be kept', async () => {
    const said = {
      tool: { name: 't', input: { path: '/etc' } },
      prompt: 'what was asked',
      attributes: { 'gen_ai.prompt': 'asked too' },
    }
    const { measure, stored } = way()
    await measure(actor, [measurement('m', said)])
    const { payload } = await stored('telemetry', 'm')
    for (const words of ['/etc', 'what was asked', 'asked too']) expect(payload).not.toContain(words)
    expect(payload).toContain('"bytes":14')
    const keeping = way(true)
    await keeping.measure(actor, [measurement('m', said)])
    expect((await keeping.stored('telemetry', 'm')).record).toMatchObject(said)
  })

  it('is asked for by attributes that hold no secret either', async () => {
    const { measure, stored } = way()
    await measure(actor, [
      measurement('m', {
        context: { project: 'shop' },
        note: 'Bearer abcdefghijklmnopqrst',
        token: 'raw-value',
      }),
    ])
    expect((await stored('telemetry', 'm')).attributes).toMatchObject({
      project: 'shop',
      note: `Bearer ${redacted}`,
      token: redacted,
    })
  })

  it('is nothing when it is older than what is kept', async () => {
    const { measure } = way()
    const [receipt] = await measure(actor, [measurement('old', { timestamp: Date.now() - 2 * 86_400_000 })])
    expect(receipt).toMatchObject({ status: 'rejected', code: 'too_old' })
  })
})
