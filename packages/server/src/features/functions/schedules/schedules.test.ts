import { fault } from '@quarterdeck/sdk/errors'
import { backend, perms } from '@quarterdeck/sdk/functions'
import { beforeEach, describe, expect, it } from 'vitest'
import { memoryKeep, memoryShelf } from '../../../adapters/memory/keep.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import type { Runner } from '../runner.ts'
import { createSchedules } from './schedules.ts'

const start = Date.parse('2026-11-21T11:59:30Z')
const every = (cron: string) => backend({ perm: perms._W_, cron }, () => undefined)
const app = loadedAppOf({
  functions: {
    hourly: every('0 * * * *'),
    called: backend({ perm: perms._W_ }, () => undefined),
    daily: every('0 0 * * *'),
  },
})

let clock = start
let shelf = memoryShelf()
let told: string[] = []
beforeEach(() => {
  clock = start
  shelf = memoryShelf()
  told = []
})
const seconds = (count: number) => {
  clock += count * 1_000
}
/** Lets all that waits for nothing but its turn go on. */
const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

type Asked = Parameters<Runner['tick']>[0]

/** A process: its schedules, and what its runs wait for. */
function processOf(name: string, options: { tenants?: () => Promise<string[]>; run?: Runner['tick'] } = {}) {
  const asked: Asked[] = []
  const failed: string[] = []
  let renewals: (() => void)[] = []
  const schedules = createSchedules({
    app: () => app,
    keep: memoryKeep({ now: () => clock, shelf }),
    process: name,
    now: () => clock,
    tenants: options.tenants ?? (async () => ['acme']),
    pause: (_, signal) =>
      new Promise((resolve) => {
        renewals.push(resolve)
        signal.addEventListener('abort', () => resolve())
      }),
    failed: ({ fn, tenant }, code) => void failed.push(`${tenant} ${fn} ${code}`),
    runner: {
      async tick(ask) {
        asked.push(ask)
        told.push(`${name} ${ask.tenant} ${ask.sid}`)
        return options.run === undefined ? true : options.run(ask)
      },
    },
  })
  return {
    asked,
    failed,
    stop: schedules.stop,
    async look() {
      await schedules.job.run()
      await settled()
    },
    async renew() {
      const waiting = renewals
      renewals = []
      for (const go of waiting) go()
      await settled()
    },
  }
}

const never = () => new Promise<boolean>(() => undefined)

describe('schedules', () => {
  it('run a function in its minute, for each tenant, under a name of that minute', async () => {
    const one = processOf('one', { tenants: async () => ['acme', 'bolt'] })
    await one.look()
    expect(told).toEqual([])
    seconds(31)
    await one.look()
    expect(told).toEqual(['one acme cron:hourly:2026-11-21T12:00Z', 'one bolt cron:hourly:2026-11-21T12:00Z'])
  })

  it('run once however often they look', async () => {
    const one = processOf('one')
    seconds(31)
    for (let look = 0; look < 60; look += 1) {
      await one.look()
      seconds(1)
    }
    expect(told).toHaveLength(1)
  })

  it('run once in two processes', async () => {
    const [one, other] = [processOf('one'), processOf('other')]
    seconds(31)
    await Promise.all([one.look(), other.look()])
    seconds(1)
    await Promise.all([one.look(), other.look()])
    expect(told).toHaveLength(1)
  })

  it('leave a tick to another process as long as that lives', async () => {
    const [one, other] = [processOf('one', { run: never }), processOf('other')]
    seconds(31)
    await one.look()
    for (let step = 0; step < 20; step += 1) {
      seconds(5)
      await one.renew()
      await other.look()
    }
    expect(told).toEqual(['one acme cron:hourly:2026-11-21T12:00Z'])
  })

  it('take a tick up from a process that died with it', async () => {
    const [one, other] = [processOf('one', { run: never }), processOf('other')]
    seconds(31)
    await one.look()
    await other.look()
    seconds(16)
    await other.look()
    expect(told).toEqual([
      'one acme cron:hourly:2026-11-21T12:00Z',
      'other acme cron:hourly:2026-11-21T12:00Z',
    ])
  })

  it('end a run whose lease another has taken', async () => {
    const one = processOf('one', { run: never })
    const other = processOf('other', { run: never })
    seconds(31)
    await one.look()
    await other.look()
    seconds(16)
    await other.look()
    await one.renew()
    expect(one.asked[0]?.signal.aborted).toBe(true)
    expect(other.asked[0]?.signal.aborted).toBe(false)
  })

  it('hand a tick on when they stop', async () => {
    const one = processOf('one', {
      run: ({ signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(fault('deadline_exceeded'))),
        ),
    })
    const other = processOf('other')
    seconds(31)
    await one.look()
    await other.look()
    await one.stop()
    seconds(1)
    await other.look()
    expect(told).toHaveLength(2)
    expect(one.failed).toEqual([])
  })

  it('skip what was missed: the minute under way at the start, and those a stall passed over', async () => {
    seconds(31)
    const one = processOf('one')
    await one.look()
    seconds(3_700)
    await one.look()
    expect(told).toEqual([])
    seconds(3_500)
    await one.look()
    expect(told).toEqual(['one acme cron:hourly:2026-11-21T14:00Z'])
  })

  it('do not run a minute again when the clock is put back', async () => {
    const one = processOf('one')
    seconds(31)
    await one.look()
    shelf = memoryShelf()
    seconds(-10)
    await one.look()
    seconds(10)
    await one.look()
    expect(told).toHaveLength(1)
  })

  it('try a tick again while a service is away, and give it up when it is too old', async () => {
    const one = processOf('one', { run: () => Promise.reject(fault('dependency_unavailable')) })
    seconds(31)
    for (let look = 0; look < 3; look += 1) {
      await one.look()
      seconds(1)
    }
    expect(told).toHaveLength(3)
    seconds(400)
    await one.look()
    await one.look()
    expect(told).toHaveLength(4)
  })

  it('do not repeat a run that failed, and say with which code', async () => {
    const one = processOf('one', { run: () => Promise.reject(new Error('broken')) })
    const other = processOf('other')
    seconds(31)
    await one.look()
    await other.look()
    expect(told).toHaveLength(1)
    expect(one.failed).toEqual(['acme hourly internal'])
  })

  it('ask again for the tenants when they could not be had', async () => {
    let away = true
    const one = processOf('one', {
      tenants: async () => (away ? Promise.reject(new Error('away')) : ['acme']),
    })
    seconds(31)
    await expect(one.look()).rejects.toThrow('away')
    away = false
    await one.look()
    expect(told).toHaveLength(1)
  })
})
