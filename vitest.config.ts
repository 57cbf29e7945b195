import { defineConfig } from 'vitest/config'
import { engines, leftOut } from './packages/server/test/engines/left-out.ts'

const tests = ['packages/*/src/**/*.test.ts', 'packages/server/test/**/*.test.ts', 'scripts/**/*.test.ts']
const never = ['**/node_modules/**', '**/dist/**']
const onEngines = '**/*.engine.test.ts'

const absent = leftOut(process.env)
for (const engine of absent) console.warn(`NOT RUN: ${engine} (WITHOUT)`)
// A test of one engine lies in the folder of its adapter or carries the engine's name.
const withoutThem = absent.flatMap((engine) => [
  `**/adapters/${engine}/**/*.engine.test.ts`,
  `**/*.${engine}.engine.test.ts`,
])

/**
 * Two projects: `unit` needs no service, `engines` (files named `*.engine.test.ts`) stands on a real Postgres and a real
 * Redis that are started once for the run, and on the built console. `vitest run` runs both, `vitest run --project unit` the first alone.
 */
export default defineConfig({
  test: {
    // One would leave half of a small machine idle; each file has databases, folders and ports of its own.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: tests,
          exclude: [...never, onEngines],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'engines',
          include: tests.map((glob) => glob.replace('*.test.ts', '*.engine.test.ts')),
          exclude: [...never, ...withoutThem],
          globalSetup: [
            ...(absent.length === engines.length ? [] : ['packages/server/test/engines/global-setup.ts']),
            ...(absent.includes('chromium') ? [] : ['packages/server/test/browser/build-console.ts']),
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
