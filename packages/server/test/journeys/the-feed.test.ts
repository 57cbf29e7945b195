import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { event, measurement, openStage, type Stage } from '../stage.ts'
import { readStream } from './sse.ts'

describe('the live feed', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(() => stage.stop())
  const read = (path: string, lastEventId?: string) => readStream(stage.url, stage.token, path, lastEventId)
  const tell = (from: number, count: number) =>
    stage.client.records.append(
      Array.from({ length: count }, (_, n) =>
        event(`e${from + n}`, { subject: { product: 'flow', kind: 'process', id: `run-${(from + n) % 7}` } }),
      ),
    )

  it('gives a snapshot of each topic on joining, then what comes, under ids that hold a position a topic', async () => {
    await tell(0, 3)
    // Whoever told something sees it; the feed begins behind that.
    expect((await stage.client.records.state()).position).toBe(3)
    const reader = read('/stream?topics=state,records,telemetry')
    await expect.poll(() => reader.told.length).toBe(3)
    expect(reader.told.map((one) => [one.event, one.data.topic, one.id])).toEqual([
      ['snapshot', 'state', '3.-.-'],
      ['snapshot', 'records', '3.3.-'],
      ['snapshot', 'telemetry', '3.3.0'],
    ])
    await tell(3, 1)
    await stage.client.telemetry.append(measurement('m1'))
    await expect
      .poll(() =>
        reader.told
          .filter((one) => one.event === 'delta')
          .map((one) => one.data.topic)
          .sort(),
      )
      .toEqual(['records', 'state', 'telemetry'])
    const changed = reader.told.find((one) => one.event === 'delta' && one.data.topic === 'state')
    expect(changed?.data).toMatchObject({
      position: 4,
      changes: [{ kind: 'processes', product: 'flow', id: 'run-3', object: { status: 'running' } }],
    })
    expect(
      reader.told.find((one) => one.event === 'delta' && one.data.topic === 'telemetry')?.data,
    ).toMatchObject({ added: 1, byType: { 'tool.result': 1 } })
    reader.cut()
  })

  it('gives a reader that was cut between two topics’ frames exactly what it missed', async () => {
    await tell(0, 5)
    const reader = read('/stream?topics=records,state')
    await expect.poll(() => reader.told.length).toBe(2)
    await tell(5, 1)
    await expect.poll(() => reader.told.length).toBe(4)
    // It took the delta of one topic, and was cut before that of the other.
    const cutAt = reader.told[2]?.id
    reader.cut()
    await tell(6, 50)
    const back = read('/stream?topics=records,state', cutAt)
    const ids = (topic: string) =>
      back.told
        .filter((one) => one.data.topic === topic)
        .flatMap((one) => (one.data.items as { id: string }[]).map((item) => item.id))
    await expect.poll(() => ids('records').length).toBeGreaterThanOrEqual(50)
    const first = reader.told[2]?.data.topic === 'records' ? 6 : 5
    expect(ids('records')).toEqual(Array.from({ length: 56 - first }, (_, n) => `e${first + n}`))
    await expect.poll(() => back.told.some((one) => one.data.topic === 'state')).toBe(true)
    expect(back.told.every((one) => one.event === 'delta')).toBe(true)
    const state = back.told.find((one) => one.data.topic === 'state')
    expect(state?.data.position).toBe(56)
    expect(state?.data.changes).toHaveLength(7)
    back.cut()
  })

  it.each([
    ['garbled', 'x.y', 'unknown'],
    ['of other topics', '1.2.3', 'unknown'],
    ['of the future', '99.99', 'unknown'],
  ])('answers an id that is %s with a gap and a snapshot', async (_, id, reason) => {
    await tell(0, 2)
    const reader = read('/stream?topics=records,state', id)
    await expect.poll(() => reader.told.length).toBe(4)
    expect(reader.told.map((one) => one.event)).toEqual(['gap', 'snapshot', 'gap', 'snapshot'])
    expect(reader.told[0]?.data).toMatchObject({ topic: 'records', to: 2, reason })
    reader.cut()
  })

  it('answers an id that lies too far back with a gap and a snapshot', async () => {
    for (let n = 0; n < 11; n += 1) await tell(n * 1_000, 1_000)
    const reader = read('/stream?topics=records', '500')
    await expect.poll(() => reader.told.length).toBe(2)
    expect(reader.told[0]?.data).toMatchObject({ topic: 'records', from: 500, to: 11_000, reason: 'too_far' })
    reader.cut()
    const near = read('/stream?topics=records', '10500')
    await expect.poll(() => near.told.flatMap((one) => one.data.items as unknown[]).length).toBe(500)
    near.cut()
  })

  it('holds little for a reader that stops reading, and brings it up to date with a gap', async () => {
    const reader = read('/stream?topics=state')
    await reader.status
    reader.pause()
    const title = 'x'.repeat(2_000)
    for (let n = 0; n < 24; n += 1) {
      await stage.client.records.append(
        Array.from({ length: 500 }, (_, k) =>
          event(`w${n}-${k}`, {
            subject: { product: 'flow', kind: 'process', id: `run-${k}` },
            payload: { after: { title } },
          }),
        ),
      )
    }
    reader.resume()
    await expect.poll(() => reader.told.some((one) => one.event === 'gap'), { timeout: 10_000 }).toBe(true)
    expect(reader.told.find((one) => one.event === 'gap')?.data).toMatchObject({
      topic: 'state',
      reason: 'slow',
    })
    await expect.poll(() => reader.told.at(-1)?.data.position, { timeout: 10_000 }).toBe(12_000)
    // All told: never a position twice, never backwards.
    const positions = reader.told.filter((one) => one.event !== 'gap').map((one) => one.data.position ?? 0)
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
    reader.cut()
  }, 30_000)

  it('ends within a second when its session is closed', async () => {
    const opened = await fetch(`${stage.url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: stage.token }),
    })
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(opened.status).toBe(204)
    const stream = await fetch(`${stage.url}/stream?topics=state`, { headers: { cookie } })
    const text = stream.text()
    await fetch(`${stage.url}/session/logout`, {
      method: 'POST',
      headers: { cookie, origin: stage.url, 'content-type': 'application/json' },
      body: '{}',
    })
    expect(await text).toContain('event: bye\ndata: {"reason":"revoked"}')
    expect((await fetch(`${stage.url}/session`, { headers: { cookie } })).status).toBe(401)
  })

  it('is refused for an unknown topic, without a credential, and for a permission that lacks', async () => {
    const problem = async (path: string, token?: string) => {
      const answer = await fetch(
        `${stage.url}${path}`,
        token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
      )
      return [answer.status, ((await answer.json()) as { code: string }).code]
    }
    expect(await problem('/stream?topics=nothing', stage.token)).toEqual([422, 'invalid'])
    expect(await problem('/stream?topics=', stage.token)).toEqual([422, 'invalid'])
    expect(await problem('/stream?topics=state')).toEqual([401, 'unauthenticated'])
    const next = await stage.restart({
      CONSOLE_AUTH_TOKENS_JSON:
        '[{"token":"telemetry-reader","tenantId":"default","label":"t","scopes":["telemetry:read"]}]',
    })
    stage = next
    expect(await problem('/stream?topics=telemetry,state', 'telemetry-reader')).toEqual([403, 'forbidden'])
  })

  it('says goodbye when the server goes down', async () => {
    const reader = read('/stream?topics=state')
    await expect.poll(() => reader.told.length).toBe(1)
    stage = await stage.restart()
    expect(reader.told.at(-1)).toMatchObject({ event: 'bye', data: { reason: 'drain' } })
    expect(reader.ended()).toBe(true)
  })
})
