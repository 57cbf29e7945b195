import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { alive, type Check, stageOf } from './alive.ts'
import { ask } from './ask.ts'

const CONSOLE_APP = join(import.meta.dirname, '../apps/trial')
const asked = async (stage: Parameters<Check>[0], fn: string, args: unknown[]) =>
  (await ask(stage, `POST /rpc/${fn}`, { body: args })).body

afterEach(() => void vi.useRealTimers())

describe('functions and their documents', () => {
  alive(
    'FLAG_FUNCTIONS',
    'false',
    async (stage) => {
      expect(await asked(stage, 'increment', ['a'])).toMatchObject({ code: 'switched_off' })
      // What only reads goes on.
      expect(await asked(stage, 'count', ['a'])).toEqual({ result: 0 })
    },
    { CONSOLE_APP },
  )
  alive(
    'CONSOLE_FUNCTIONS_CONCURRENCY',
    '1',
    async (stage) => {
      // One runs and four wait; each takes its whole deadline of 200 ms.
      const calls = Array.from({ length: 8 }, () => asked(stage, 'stubborn', []))
      const codes = (await Promise.all(calls)).map((answer) => answer?.code)
      expect(codes.filter((code) => code === 'overloaded')).toHaveLength(3)
    },
    { CONSOLE_APP },
  )
  it('CONSOLE_TABLES_HISTORY is alive', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    const past = async (env: Record<string, string>) => {
      const stage = await stageOf({ CONSOLE_APP, ...env })
      for (const result of [1, 2]) expect(await asked(stage, 'increment', ['a'])).toEqual({ result })
      vi.setSystemTime(Date.now() + 2 * 3_600_000)
      await stage.running
        .platform()
        ?.jobs.find(({ name }) => name === 'collect')
        ?.run()
      return asked(stage, 'countAt', ['a', 1])
    }
    expect(await past({ CONSOLE_TABLES_HISTORY: '1h' })).toMatchObject({ code: 'history_gone' })
    expect(await past({})).toEqual({ result: 1 })
  })
})
