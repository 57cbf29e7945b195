import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Check, createHealth } from './health.ts'

describe('the health of a server', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Checks whose answers a test sets: null is fine, a text is a code, an error is thrown, `never` hangs. */
  function stand(...names: string[]) {
    const says: Record<string, string | null | Error | 'never'> = Object.fromEntries(
      names.map((name) => [name, null]),
    )
    const runs: string[] = []
    const checks = names.map(
      (name): Check => ({
        name,
        async run() {
          runs.push(name)
          const said = says[name] ?? null
          if (said instanceof Error) throw said
          if (said === 'never') await new Promise(() => undefined)
          return said
        },
      }),
    )
    const health = createHealth({ checks, now: Date.now })
    return { health, says, runs }
  }

  it('is starting until every check has run once, then ready', async () => {
    const { health } = stand('database', 'keep')
    expect(health.readiness()).toMatchObject({ status: 'starting', ok: false, checks: { database: false } })
    expect(health.failing('database')).toBe('not_run')
    await health.look()
    expect(health.readiness()).toEqual({
      status: 'ready',
      ok: true,
      checks: { database: true, keep: true },
      failing: [],
      degraded: [],
    })
    health.stop()
  })

  it('names what fails by a code, and nothing of why', async () => {
    const { health, says } = stand('database', 'schema', 'keep')
    says.database = new Error('connection to postgres://user:password@db refused')
    says.schema = 'table_missing'
    await health.look()
    expect(health.readiness()).toMatchObject({
      status: 'not_ready',
      ok: false,
      failing: [
        { name: 'database', code: 'unreachable' },
        { name: 'schema', code: 'table_missing' },
      ],
    })
    expect(JSON.stringify(health.readiness())).not.toContain('password')
    expect(health.failing('keep')).toBeNull()
    expect(health.failing('no such check')).toBeNull()
    health.stop()
  })

  it('looks again by itself, and heals', async () => {
    const { health, says, runs } = stand('database')
    says.database = 'failed'
    await vi.advanceTimersByTimeAsync(2_000)
    expect(health.failing('database')).toBe('failed')
    says.database = null
    await vi.advanceTimersByTimeAsync(2_000)
    expect(health.readiness().status).toBe('ready')
    // Probes ask nothing: they read what was found.
    const before = runs.length
    for (let n = 0; n < 50; n += 1) health.readiness()
    expect(runs.length).toBe(before)
    health.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(runs.length).toBe(before)
  })

  it('does not wait for a check that hangs, and the others are still told', async () => {
    const { health, says } = stand('database', 'keep')
    await health.look()
    says.database = 'never'
    const looked = health.look()
    await vi.advanceTimersByTimeAsync(1_000)
    await looked
    expect(health.failing('database')).toBe('timeout')
    expect(health.failing('keep')).toBeNull()
    health.stop()
  })

  it('does not go on calling fine what it has not looked at for ten seconds', async () => {
    const { health } = stand('database')
    await health.look()
    health.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(health.readiness().ok).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    expect(health.readiness()).toMatchObject({ ok: false, failing: [{ name: 'database', code: 'timeout' }] })
  })

  it('is draining once it is told to, however well all checks are', async () => {
    const { health } = stand('database')
    await health.look()
    health.drain()
    expect(health.readiness()).toMatchObject({ status: 'draining', ok: false, failing: [] })
    health.stop()
  })
})

it('says what works with less than it should, and is ready all the same', async () => {
  const degraded: string[] = []
  const health = createHealth({ checks: [], now: Date.now, degraded: () => degraded })
  expect(health.readiness().degraded).toEqual([])
  degraded.push('limits_local')
  expect(health.readiness()).toMatchObject({ status: 'ready', ok: true, degraded: ['limits_local'] })
  health.stop()
})
