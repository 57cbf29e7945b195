import { spawn } from 'node:child_process'
import { required } from './greetings.ts'
import { probe } from './probe.ts'

/** What a check found. */
export interface Found {
  readonly passed: boolean
  readonly summary: string
  readonly ms: number
}

export interface Check {
  readonly id: string
  readonly label: string
  run(origin: string): Promise<Found>
}

async function timed(work: () => Promise<Omit<Found, 'ms'>>): Promise<Found> {
  const started = performance.now()
  try {
    return { ...(await work()), ms: performance.now() - started }
  } catch (error) {
    return {
      passed: false,
      summary: error instanceof Error ? error.message : 'failed',
      ms: performance.now() - started,
    }
  }
}

/** Runs the service's own unit tests in a process of their own. */
const unitTests: Check = {
  id: 'unit-tests',
  label: 'Unit tests',
  run: () =>
    timed(
      () =>
        new Promise((resolve, reject) => {
          const file = new URL('../test/greetings.test.ts', import.meta.url).pathname
          const child = spawn(process.execPath, ['--test', '--test-reporter=tap', file], {
            env: { PATH: process.env.PATH },
          })
          let output = ''
          child.stdout.on('data', (chunk: Buffer) => {
            output += chunk.toString()
          })
          child.on('error', reject)
          child.on('close', (code) => {
            const count = (word: string) => new RegExp(`^# ${word} (\\d+)$`, 'm').exec(output)?.[1] ?? '?'
            resolve({ passed: code === 0, summary: `${count('pass')} passed, ${count('fail')} failed` })
          })
        }),
    ),
}

/** Asks the running service for a greeting in every language it has to know. */
const languages: Check = {
  id: 'languages',
  label: 'Every language answers',
  run: (origin) =>
    timed(async () => {
      const wrong: string[] = []
      for (const language of required) {
        const { status } = await probe(`${origin}/greet?name=Ada&language=${language}`)
        if (status !== 200) wrong.push(language)
      }
      const summary =
        wrong.length === 0 ? `${required.length} languages answer` : `no greeting in ${wrong.join(', ')}`
      return { passed: wrong.length === 0, summary }
    }),
}

/** Measures how fast the service answers. */
const speed: Check = {
  id: 'speed',
  label: 'Answers within 100 ms',
  run: (origin) =>
    timed(async () => {
      const times: number[] = []
      for (let n = 0; n < 20; n += 1) times.push((await probe(`${origin}/greet?name=Ada&language=en`)).ms)
      const p95 = times.sort((a, b) => a - b)[18] ?? 0
      return { passed: p95 < 100, summary: `p95 ${p95.toFixed(1)} ms of 20 calls` }
    }),
}

/** The checks of a run, in their order. */
export const checks: readonly Check[] = [unitTests, languages, speed]
