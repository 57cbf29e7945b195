import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

// The product in local mode with the example app beside it. Ctrl-C ends both.
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
const server = run(['packages/server/src/cli/quarterdeck.ts', 'serve'], {
  CONSOLE_DATA_DIR: dataDir,
  CONSOLE_PORT: port,
  CONSOLE_LOG_LEVEL: process.env.CONSOLE_LOG_LEVEL ?? 'warn',
  // No load balancer has to see a laptop go.
  CONSOLE_DRAIN_DELAY: process.env.CONSOLE_DRAIN_DELAY ?? '0',
})
server.once('exit', (code) => stop(code ?? 1))
try {
  await ready()
} catch (error) {
  console.error(error instanceof Error ? error.message : 'failed')
  stop(1)
}
if (!stopping) {
  const token = process.env.CONSOLE_AUTH_TOKEN ?? readFileSync(join(dataDir, 'token'), 'utf8').trim()
  run(['--import', './examples/hello/src/tracing.ts', 'examples/hello/src/main.ts'], {
    QUARTERDECK_URL: url,
    QUARTERDECK_TOKEN: token,
    HELLO_PORT: helloPort,
    HELLO_OUTBOX: join(dataDir, 'hello-outbox'),
  })
}
