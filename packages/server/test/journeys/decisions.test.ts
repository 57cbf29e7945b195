import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Actor } from '@quarterdeck/sdk/actor'
import { afterEach, describe, expect, it } from 'vitest'
import { readLine } from '../../src/adapters/jsonl/line.ts'
import { verifyLogs } from '../../src/main/verify-logs.ts'
import { measurement, openStage, type Stage } from '../stage.ts'

const tokens = {
  operator: ['telemetry:read', 'telemetry:write', 'releases:read'],
  reader: ['telemetry:read'],
  limited: ['records:read'],
}
const tokenOf = (name: string) => `token-of-${name}-in-the-journey-0001`
const settings = {
  CONSOLE_AUTH_TOKEN: undefined,
  CONSOLE_TENANT_ID: 'home',
  CONSOLE_AUTH_TOKENS_JSON: JSON.stringify([
    ...Object.entries(tokens).map(([label, scopes]) => ({
      token: tokenOf(label),
      tenantId: 'home',
      label,
      scopes,
    })),
    { token: tokenOf('other'), tenantId: 'other', label: 'other', scopes: tokens.operator },
  ]),
}
const platform: Actor = {
  tenant: 'home',
  principal: 'ann',
  class: 'operator',
  permissions: [],
  credential: 'c-ann',
}

describe('decisions', () => {
  let stage: Stage
  afterEach(() => stage.stop())
  const open = async () => {
    stage = await openStage(settings)
  }
  const journal = () => {
    const made = stage.running.platform()
    if (made === null) throw new Error('not ready')
    return made.journal
  }
  /** What stands in the file of a tenant's decisions. */
  const written = (tenant = 'home') => {
    const folder = join(stage.folder, 'data/logs/decisions', tenant)
    return readdirSync(folder)
      .sort()
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
      .map((line) => JSON.parse(readLine(tenant, line)?.payload ?? '{}'))
  }
  const refusals = (tenant = 'home') =>
    written(tenant)
      .filter(({ phase }) => phase === 'refused')
      .map(({ operation, actor, payload }) => [operation, actor.id, payload.code, payload.count])

  it('of refusals are one entry for many of a credential and a code', async () => {
    await open()
    const limited = stage.as(tokenOf('limited'))
    for (let n = 0; n < 20; n += 1)
      await expect(limited.telemetry.query({})).rejects.toMatchObject({ code: 'forbidden' })
    await expect(stage.as(tokenOf('reader')).telemetry.query({ limit: 999 })).rejects.toMatchObject({
      code: 'invalid',
    })
    await expect.poll(() => refusals().length).toBe(2)
    await journal().flush()
    expect(refusals()).toEqual([
      ['telemetry.query', 'limited', 'forbidden', 1],
      ['telemetry.query', 'reader', 'invalid', 1],
      ['telemetry.query', 'limited', 'forbidden', 19],
    ])
  })

  it('tell of those who come with no credential or a bad one, by address, in the home tenant', async () => {
    await open()
    const ask = (path: string, init: RequestInit = {}) => fetch(`${stage.url}${path}`, init)
    for (let n = 0; n < 3; n += 1) {
      await ask('/state')
      await ask('/state', { headers: { authorization: 'Bearer wrong' } })
      const signIn = await ask('/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: stage.url },
        body: JSON.stringify({ token: 'wrong' }),
      })
      expect(signIn.status).toBe(401)
    }
    await expect.poll(() => refusals().length).toBe(1)
    await journal().flush()
    expect(refusals()).toEqual([
      ['records.state', 'anonymous', 'unauthenticated', 1],
      ['records.state', 'anonymous', 'unauthenticated', 8],
    ])
    expect(JSON.stringify(written())).not.toContain('wrong')
  })

  it('of another tenant stand in a chain of its own', async () => {
    await open()
    await stage
      .as(tokenOf('other'))
      .telemetry.query({ limit: 999 })
      .catch(() => undefined)
    await expect.poll(() => refusals('other').length).toBe(1)
    expect(readdirSync(join(stage.folder, 'data/logs/decisions'))).toEqual(['other'])
  })

  it('to promote are markers on every chart: what was promoted for home, that it was for others', async () => {
    await open()
    const decision = {
      actor: platform,
      operation: 'releases.promote',
      subject: 'web in production',
      payload: { surface: 'web', release: 'r-7' },
    }
    await journal().write({ ...decision, phase: 'asked' })
    const at = Date.now()
    await journal().write({ ...decision, phase: 'done' })
    await journal().write({ ...decision, phase: 'failed' })
    for (const name of ['operator', 'other'])
      await stage.as(tokenOf(name)).telemetry.append(measurement(`m-${name}`))

    const seen = async (name: string) => {
      const client = stage.as(tokenOf(name))
      const table = await client.telemetry.query({ preset: '15m' })
      const chart = await client.telemetry.series({ preset: '15m', measure: 'records', bucket: '1m' })
      expect(chart.markers).toEqual(table.markers)
      expect(table.markers).toHaveLength(1)
      expect(Math.abs(Date.parse(table.markers[0]?.at ?? '') - at)).toBeLessThan(5_000)
      const { at: _, ...marker } = table.markers[0] ?? { at: '' }
      return marker
    }
    const known = { kind: 'promotion', surface: 'web' }
    expect(await seen('operator')).toEqual({
      ...known,
      release: 'r-7',
      subject: 'web in production',
      position: 2,
    })
    // Without the permission to read releases, or of another tenant: no release, no subject, no actor.
    expect(await seen('reader')).toEqual(known)
    expect(await seen('other')).toEqual(known)
    const past = { preset: 'custom', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' } as const
    expect((await stage.as(tokenOf('operator')).telemetry.query(past)).markers).toEqual([])
  })

  it('are an intact chain, also over a restart', async () => {
    await open()
    for (let n = 0; n < 5; n += 1)
      await journal().write({ actor: platform, operation: 'releases.promote', phase: 'done', payload: { n } })
    stage = await stage.restart()
    for (let n = 5; n < 10; n += 1)
      await journal().write({ actor: platform, operation: 'releases.promote', phase: 'done', payload: { n } })
    await stage.running.stop()
    expect(written().map(({ payload }) => payload.n)).toEqual(Array.from({ length: 10 }, (_, n) => n))
    const env = { CONSOLE_DATA_DIR: join(stage.folder, 'data'), CONSOLE_TENANT_ID: 'home' }
    const findings = await verifyLogs(env)
    expect(findings.every(({ result }) => result === 'intact')).toBe(true)
    expect(findings.map(({ detail }) => detail)).toContain('positions up to 10, chained')
  })
})
