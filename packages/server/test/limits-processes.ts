import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('./children/limits-load.ts', import.meta.url))

/** A process that asks to pass, so many times at once, and answers how often it did. */
async function start(words: readonly string[]) {
  const child = spawn(process.execPath, [script, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the process ended')
    return value
  }
  expect(await next()).toBe('ready')
  return {
    async ask(calls: number) {
      child.stdin.write(`${calls}\n`)
      return Number(await next())
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}

/** What two processes on one store must do; `url` opens the store. */
export function limitsBetweenProcesses(engine: 'redis' | 'postgres', url: () => Promise<string>) {
  async function two(count: number, windowMs: number) {
    const words = [engine, await url(), `test:${randomUUID()}:`, String(count), String(windowMs)]
    return Promise.all([start(words), start(words)])
  }

  it(`lets exactly 10 of 64 pass that come at once to two processes on ${engine}`, async () => {
    const both = await two(10, 3_600_000)
    const passed = await Promise.all(both.map((one) => one.ask(32)))
    expect(passed.reduce((sum, count) => sum + count, 0)).toBe(10)
    expect(await Promise.all(both.map((one) => one.ask(32)))).toEqual([0, 0])
    for (const one of both) await one.stop()
  })

  it(`lets exactly 5,000 of 8,000 pass that come in small parts to two processes on ${engine}`, async () => {
    const both = await two(5_000, 3_600_000)
    const passed = await Promise.all(
      both.map(async (one) => {
        let sum = 0
        for (let part = 0; part < 200; part += 1) sum += await one.ask(20)
        return sum
      }),
    )
    expect(passed.reduce((sum, count) => sum + count, 0)).toBe(5_000)
    for (const one of both) await one.stop()
  })
}
