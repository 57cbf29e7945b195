import { canonical } from '@quarterdeck/sdk/digest'
import { afterEach, describe, expect, it } from 'vitest'
import { event, measurement, openStage, type Stage } from '../stage.ts'

/** What becomes of a record, on one kind of storage; `settings` makes a new store. */
export function recordJourney(
  name: string,
  settings: () => Promise<{ env: Record<string, string>; drop?: () => Promise<void> }>,
) {
  describe(`a record on ${name}`, () => {
    const ends: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const end of ends.splice(0).reverse()) await end()
    })
    async function open(more: Record<string, string> = {}): Promise<Stage> {
      const { env, drop } = await settings()
      if (drop !== undefined) ends.push(drop)
      const stage = await openStage({ ...env, ...more })
      ends.push(() => stage.stop())
      return stage
    }
    async function again(stage: Stage, env: Record<string, string | undefined> = {}): Promise<Stage> {
      const next = await stage.restart(env)
      ends.pop()
      ends.push(() => next.stop())
      return next
    }

    it('told, told again, told otherwise: accepted, duplicate, conflict, and the state is the same after a restart', async () => {
      let stage = await open()
      const first = await stage.client.records.append(event('e1'))
      expect(first).toMatchObject({ id: 'e1', status: 'accepted', position: 1 })
      expect(
        await stage.client.records.append(event('e1', { observedAt: '2026-11-20T10:00:00Z' })),
      ).toMatchObject({ status: 'duplicate', position: 1 })
      await expect(
        stage.client.records.append(event('e1', { type: 'process.blocked' })),
      ).rejects.toMatchObject({ code: 'record_conflict' })
      await stage.client.records.append([
        event('e2', { type: 'process.blocked', payload: { reason: 'waits' } }),
        event('e3', { subject: { product: 'flow', kind: 'process', id: 'run-8' } }),
      ])
      const before = await stage.client.records.state({ at: 2 })
      expect(before.processes).toMatchObject([{ id: 'run-7', status: 'blocked', reason: 'waits' }])
      stage = await again(stage)
      expect(canonical(await stage.client.records.state({ at: 2 }))).toBe(canonical(before))
      expect((await stage.client.records.state({})).processes).toHaveLength(2)
      expect(await stage.client.records.append(event('e1'))).toMatchObject({
        status: 'duplicate',
        position: 1,
      })
    })

    it('is a duplicate still after the secret was rotated, a redaction rule added and content kept', async () => {
      const secret = (n: number) =>
        Array.from({ length: 32 }, (_, k) => ((k * 7 + n) % 256).toString(16).padStart(2, '0')).join('')
      let stage = await open({ CONSOLE_SECRET: secret(1) })
      const record = event('e1', { payload: { summary: 's', data: { pin: 'not-kept-later' } } })
      const measured = measurement('m1', { tool: { name: 't', input: 'what was asked' } })
      await stage.client.records.append(record)
      await stage.client.telemetry.append(measured)
      stage = await again(stage, {
        CONSOLE_SECRET: secret(2),
        CONSOLE_SECRET_PREVIOUS: secret(1),
        CONSOLE_REDACT_KEYS: 'pin',
        CONSOLE_TELEMETRY_KEEP_CONTENT: 'true',
      })
      expect(await stage.client.records.append(record)).toMatchObject({ status: 'duplicate' })
      expect(await stage.client.telemetry.append(measured)).toMatchObject({ status: 'duplicate' })
      // Sealed under the new secret too, so the old one may go.
      stage = await again(stage, { CONSOLE_SECRET_PREVIOUS: undefined })
      expect(await stage.client.records.append(record)).toMatchObject({ status: 'duplicate' })
      await expect(stage.restart({ CONSOLE_SECRET: secret(3) })).rejects.toThrow('key_set_mismatch')
      ends.pop()
    })

    it('that is bad among good ones is rejected alone', async () => {
      const stage = await open()
      const lines = Array.from({ length: 1_000 }, (_, n) =>
        n === 500 ? '{"schema": nonsense' : JSON.stringify(event(`e${n}`)),
      )
      const answer = await fetch(`${stage.url}/records`, {
        method: 'POST',
        headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/x-ndjson' },
        body: lines.join('\n'),
      })
      const { receipts, counts } = (await answer.json()) as {
        receipts: { status: string; code?: string }[]
        counts: unknown
      }
      expect(counts).toEqual({ accepted: 999, duplicate: 0, conflict: 0, rejected: 1 })
      expect(receipts[500]).toMatchObject({ status: 'rejected', code: 'invalid_json' })
      expect(receipts[999]).toMatchObject({ status: 'accepted', position: 999 })
    })

    it('is paged with its kind: 1,000 measurements by tens, each once, all counted', {
      timeout: 30_000,
    }, async () => {
      const stage = await open()
      const at = Date.now() - 60_000
      // Many share an instant, and half of them are told while the pages are read.
      const rows = Array.from({ length: 1_000 }, (_, n) =>
        measurement(`m${n}`, {
          timestamp: at + (n % 50),
          tool: { name: `tool-${n % 3}`, duration_ms: n, outcome: n % 5 === 0 ? 'fail' : 'pass' },
        }),
      )
      await stage.client.telemetry.append(rows)
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await stage.client.telemetry.query({
          preset: '15m',
          limit: 10,
          ...(cursor === undefined ? {} : { cursor }),
        })
        expect(page.totals.records).toBe(1_000)
        seen.push(...page.records.map((one) => String(one.record.event_id)))
        cursor = page.nextCursor
        if (seen.length === 100)
          await stage.client.telemetry.append(
            rows.slice(0, 50).map((row, n) => ({ ...row, event_id: `late${n}` })),
          )
      } while (cursor !== undefined)
      expect(seen).toHaveLength(1_000)
      expect(new Set(seen).size).toBe(1_000)
      const { tools } = await stage.client.telemetry.query({ preset: '15m', filter: ['tool:tool-0'] })
      expect(tools.map((tool) => tool.tool)).toEqual(['tool-0'])
    })
  })
}
