import { contract, operations } from '@quarterdeck/sdk/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { event, measurement, openStage, type Stage } from '../stage.ts'
import { readStream } from './sse.ts'

const canary = 'only-tenant-b-knows'
const tokens = [
  { token: 'token-of-tenant-a', tenantId: 'a', label: 'a' },
  { token: 'token-of-tenant-b', tenantId: 'b', label: 'b' },
  {
    token: 'token-bound-to-hello',
    tenantId: 'a',
    label: 'bound',
    scopes: ['records:write', 'records:read'],
    producers: [{ id: 'hello', product: 'hello' }],
  },
]

describe('two tenants', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({
      CONSOLE_AUTH_TOKENS_JSON: JSON.stringify(tokens),
      CONSOLE_TENANT_ID: 'a',
      CONSOLE_AUTH_TOKEN: undefined,
    })
    const b = stage.as('token-of-tenant-b')
    await b.records.append(
      event(canary, {
        type: 'gate.failed',
        subject: { product: canary, kind: 'gate', id: canary },
        correlationId: canary,
        payload: { reason: canary },
      }),
    )
    await b.telemetry.append(
      measurement(canary, {
        trace_id: 'ab'.repeat(16),
        session_id: canary,
        tool: { name: canary },
        task_slug: canary,
      }),
    )
  })
  afterAll(() => stage.stop())

  it('see nothing of each other by any read of the contract', async () => {
    const a = stage.as('token-of-tenant-a')
    const inputs: Record<string, unknown> = {
      'records.objects': { kind: 'gates' },
      'records.object': { kind: 'gates', product: canary, id: canary },
      'records.get': { id: canary },
      'records.list': { correlation: canary },
      'records.economics': { view: 'cost' },
      'telemetry.query': { preset: '15m', q: canary },
      'telemetry.series': { preset: '15m', measure: 'records', bucket: '1m', by: 'tool' },
      'telemetry.trace': { id: 'ab'.repeat(16) },
    }
    for (const operation of operations().filter((one) => one.effect === 'read')) {
      const answer = await a.call(operation, inputs[operation.name] ?? {}).then(
        (output) => JSON.stringify(output),
        (error: unknown) => String((error as { code?: unknown }).code),
      )
      // The query's own words come back in none of the answers.
      expect(answer, operation.name).not.toContain(canary)
    }
    expect(await stage.as('token-of-tenant-b').call(contract.records.get, { id: canary })).toMatchObject({
      position: 1,
    })
  })

  it('see nothing of each other in any topic', async () => {
    const a = readStream(stage.url, 'token-of-tenant-a', '/stream?topics=state,records,telemetry')
    const b = readStream(stage.url, 'token-of-tenant-b', '/stream?topics=state,records,telemetry')
    await expect.poll(() => [a.told.length, b.told.length]).toEqual([3, 3])
    await stage
      .as('token-of-tenant-b')
      .records.append(event(`${canary}-2`, { subject: { product: canary, kind: 'process', id: canary } }))
    await expect.poll(() => b.told.length).toBeGreaterThan(4)
    expect(JSON.stringify(b.told)).toContain(canary)
    expect(JSON.stringify(a.told)).not.toContain(canary)
    expect(a.told).toHaveLength(3)
    a.cut()
    b.cut()
  })

  it('cannot be written for by naming them, nor may a bound producer speak for others', async () => {
    const a = stage.as('token-of-tenant-a')
    await expect(a.records.append(event('x', { tenant_id: 'b' }))).rejects.toMatchObject({
      code: 'tenant_mismatch',
    })
    const bound = stage.as('token-bound-to-hello')
    await expect(bound.records.append(event('x'))).rejects.toMatchObject({ code: 'producer_not_allowed' })
    const own = event('own', { producer: undefined, subject: { product: 'hello', kind: 'process', id: '1' } })
    expect(await bound.records.append(own)).toMatchObject({ status: 'accepted' })
    expect(
      await bound.records.append(event('other', { producer: { id: 'hello', product: 'hello' } })),
    ).toMatchObject({ status: 'accepted' })
    const tiers = await Promise.all(['own', 'other'].map((id) => bound.records.get({ id })))
    expect(tiers.map((one) => one.tier)).toEqual(['own', 'independent'])
    await expect
      .poll(
        async () =>
          (await a.records.producers({})).items
            .find((one) => one.product === 'flow')
            ?.refusals.map((one) => one.code),
        { timeout: 5_000 },
      )
      .toBeUndefined()
  })

  it('keep refusals in the decisions log, one entry for many', async () => {
    const bound = stage.as('token-bound-to-hello')
    for (let n = 0; n < 20; n += 1) await bound.telemetry.query({}).catch(() => undefined)
    const ports = stage.running.platform()
    expect(ports).not.toBeNull()
    await ports?.journal.flush()
  })
})
