import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '../packages/server/src/main/app/build-app.ts'

// What an app of 1,000 functions in 100 files adds to the start of a server, against one of 10 in 1: from the spawn to
// the first answer of /readyz. Handlers are loaded when they are called, so most of it is reading one manifest and
// holding the files against it.
const rounds = 7

/** Writes and builds an app; answers its dist. */
async function appOf(files: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-lazy-'))
  mkdirSync(join(folder, 'functions'))
  writeFileSync(
    join(folder, 'app.ts'),
    `import { app, perms } from '@quarterdeck/sdk/functions'\nexport default app({ groups: { services: { endpoints: { '*': perms.RWX } } } })\n`,
  )
  writeFileSync(join(folder, 'tables.ts'), 'export {}\n')
  for (let file = 0; file < files; file += 1) {
    const functions = Array.from(
      { length: 10 },
      (_, n) =>
        `export const f${file}x${n} = backend({ args: [z.string()], perm: perms.R__ }, (_ctx, name) => ({ hello: name, n: ${n} }))`,
    )
    writeFileSync(
      join(folder, 'functions', `file-${file}.ts`),
      `import { backend, perms } from '@quarterdeck/sdk/functions'\nimport { z } from 'zod'\n${functions.join('\n')}\n`,
    )
  }
  const out = join(folder, 'dist')
  await buildApp({ folder, out })
  return out
}

/** Milliseconds from the spawn to a server that is ready. */
async function start(app: string, dataDir: string): Promise<number> {
  const began = performance.now()
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../packages/server/src/cli/quarterdeck.ts'), 'serve'],
    {
      env: {
        ...process.env,
        CONSOLE_APP: app,
        CONSOLE_DATA_DIR: dataDir,
        CONSOLE_PORT: '0',
        CONSOLE_METRICS_ENABLED: 'false',
        CONSOLE_LOG_LEVEL: 'silent',
        CONSOLE_DRAIN_DELAY: '0',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', () => reject(new Error(said)))
  })
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 2))
  const ms = performance.now() - began
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
  return ms
}

const sides = await Promise.all(
  [1, 100].map(async (files) => ({
    name: `${files * 10} functions`,
    app: await appOf(files),
    dataDir: mkdtempSync(join(tmpdir(), 'bench-lazy-data-')),
    times: [] as number[],
  })),
)
for (let round = 0; round <= rounds; round += 1)
  for (const side of sides) {
    const ms = await start(side.app, side.dataDir)
    if (round > 0) side.times.push(ms)
  }
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const base = median(sides[0]?.times ?? [])
console.log(`\nstart until ready (medians of ${rounds} in turn)`)
for (const { name, times } of sides) {
  const ms = median(times)
  console.log(`  ${name.padEnd(20)} ${ms.toFixed(0).padStart(6)} ms   ${(ms / base).toFixed(2)}×`)
}
