import { describe, expect, it } from 'vitest'
import { createHealth } from './health.ts'
import { createProbes, type probePaths } from './probes.ts'

const about = { service: 'Harbour', mode: 'hosted', version: '1.4.0', gitSha: 'abc', builtAt: '2026-05-01' }
const at = Date.parse('2026-05-03T09:30:00Z')

async function ask(path: (typeof probePaths)[number], code: string | null) {
  const health = createHealth({
    checks: [
      { name: 'database', run: async () => null },
      { name: 'schema', run: async () => code },
    ],
    now: () => at,
    degraded: () => ['limits_local'],
  })
  await health.look()
  const answer = createProbes({ health, about, routes: () => 12, now: () => at })(path)
  health.stop()
  return { status: answer.status, body: JSON.parse(String(answer.body)) }
}

const timestamp = '2026-05-03T09:30:00.000Z'
const alive = {
  status: 'ok',
  ok: true,
  mode: 'hosted',
  service: 'Harbour',
  version: '1.4.0',
  routes: 12,
  timestamp,
}

describe('the probes', () => {
  it.each(['/healthz', '/health'] as const)(
    '%s says that the process lives, whatever is away',
    async (path) => {
      expect(await ask(path, 'table_missing')).toEqual({ status: 200, body: alive })
    },
  )

  it.each(['/readyz', '/ready'] as const)(
    '%s is 200 when all is there, and names what is degraded',
    async (path) => {
      const checks = { database: true, schema: true }
      const body = { status: 'ready', ok: true, checks, failing: [], degraded: ['limits_local'], timestamp }
      expect(await ask(path, null)).toEqual({ status: 200, body })
    },
  )

  it.each(['/readyz', '/ready'] as const)('%s is 503 and names what fails by a code', async (path) => {
    expect(await ask(path, 'table_missing')).toEqual({
      status: 503,
      body: {
        status: 'not_ready',
        ok: false,
        checks: { database: true, schema: false },
        failing: [{ name: 'schema', code: 'table_missing' }],
        degraded: ['limits_local'],
        timestamp,
      },
    })
  })

  it('/version says which build it is', async () => {
    const body = { version: '1.4.0', gitSha: 'abc', builtAt: '2026-05-01' }
    expect(await ask('/version', 'failed')).toEqual({ status: 200, body })
  })
})
