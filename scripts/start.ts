import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { buildDesk, builtApp } from '../examples/hello/build.ts'
import { localToken } from '../packages/server/src/main/local-files.ts'

// The product in local mode, with the functions of the example app in it and the app's page beside it. Ctrl-C ends both.
const root = join(import.meta.dirname, '..')
const dataDir = process.env.CONSOLE_DATA_DIR ?? join(root, '.quarterdeck')
const port = process.env.CONSOLE_PORT ?? '3000'
const helloPort = process.env.HELLO_PORT ?? '3001'
const url = `http://127.0.0.1:${port}`

function newest(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((time, entry) => Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0)
}

function buildConsole(): void {
  const built = join(root, 'packages/console/dist/index.html')
  const sources = Math.max(newest(join(root, 'packages/console/src')), newest(join(root, 'packages/sdk/src')))
  if (existsSync(built) && statSync(built).mtimeMs > sources) return
  console.log('Building the console…')
  const done = spawnSync('npm', ['run', '--silent', '--workspace', 'packages/console', 'build'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (done.status !== 0) process.exit(1)
}

/**
 * The tokens of the settings: the one of local mode, and one for this run that lets the example app tell what happens and
 * let people in, and nothing else. Null: whoever started this brings tokens of their own.
 */
function makeTokens(): { readonly settings: string; readonly example: string; readonly own: string } | null {
  if (process.env.CONSOLE_AUTH_TOKEN !== undefined || process.env.CONSOLE_AUTH_TOKENS_JSON !== undefined)
    return null
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const tenantId = process.env.CONSOLE_TENANT_ID ?? 'default'
  const own = localToken(dataDir)
  const example = randomBytes(32).toString('base64url')
  const scopes = ['records:write', 'telemetry:write', 'identity:mint']
  const tokens = [
    { token: own, tenantId, label: 'local' },
    { token: example, tenantId, label: 'hello', scopes },
  ]
  return { settings: JSON.stringify(tokens), example, own }
}

const children: ChildProcess[] = []
let stopping = false

function run(words: readonly string[], env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [...words], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  children.push(child)
  return child
}

async function ready(): Promise<void> {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    const answer = await fetch(`${url}/readyz`).catch(() => null)
    if (answer?.ok) return
    if (stopping) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('the server did not become ready in 30 s')
}

function stop(code: number): void {
  if (stopping) return
  stopping = true
  for (const child of children) child.kill('SIGTERM')
  Promise.all(
    children.map((child) =>
      child.exitCode === null && child.signalCode === null
        ? new Promise((resolve) => child.once('exit', resolve))
        : null,
    ),
  ).then(() => process.exit(code))
}
process.once('SIGINT', () => stop(0))
process.once('SIGTERM', () => stop(0))

buildConsole()
if (process.env.CONSOLE_APP === undefined) await buildDesk()
const tokens = makeTokens()
const server = run(['packages/server/src/cli/quarterdeck.ts', 'serve'], {
  CONSOLE_DATA_DIR: dataDir,
  CONSOLE_PORT: port,
  CONSOLE_LOG_LEVEL: process.env.CONSOLE_LOG_LEVEL ?? 'warn',
  // No load balancer has to see a laptop go.
  CONSOLE_DRAIN_DELAY: process.env.CONSOLE_DRAIN_DELAY ?? '0',
  CONSOLE_APP: process.env.CONSOLE_APP ?? builtApp,
  // The page of the desk is served elsewhere than its functions.
  CONSOLE_ALLOWED_ORIGINS:
    process.env.CONSOLE_ALLOWED_ORIGINS ?? `http://127.0.0.1:${helloPort},http://localhost:${helloPort}`,
  ...(tokens === null ? {} : { CONSOLE_AUTH_TOKENS_JSON: tokens.settings }),
})
server.once('exit', (code) => stop(code ?? 1))
try {
  await ready()
} catch (error) {
  console.error(error instanceof Error ? error.message : 'failed')
  stop(1)
}
if (!stopping) {
  if (tokens !== null) console.log(`  token    ${tokens.own}`)
  run(['--import', './examples/hello/src/tracing.ts', 'examples/hello/src/main.ts'], {
    QUARTERDECK_URL: url,
    QUARTERDECK_TOKEN: tokens?.example ?? process.env.CONSOLE_AUTH_TOKEN ?? '',
    HELLO_PORT: helloPort,
    HELLO_OUTBOX: join(dataDir, 'hello-outbox'),
  })
}
