import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type BuildResult, buildApp } from './build-app.ts'
import { BuildRefused } from './build-refused.ts'
import { createServerLines } from './server-lines.ts'
import { watchSources } from './watch-sources.ts'

const endWithParent = import.meta.url.replace(/develop-app(\.[jt]s)$/, 'end-with-parent$1')

/**
 * Builds an app, serves it in local mode, and does both anew whenever its sources change: the server is started again,
 * and streams resume by themselves. While a build fails, the app before it runs on. Answers what ends it.
 */
export async function developApp(needs: {
  readonly folder: string
  readonly say: (line: string) => void
  /** The command line's own script. */
  readonly program: string
}): Promise<{ stop(): Promise<void> }> {
  const { folder, say, program } = needs
  const out = resolve(folder, 'dist')
  const linesOf = createServerLines(resolve(folder))
  let server: ChildProcess | null = null
  let digest = ''
  let asked = false
  let stopping = false
  let turn: Promise<void> = Promise.resolve()

  async function endServer(): Promise<void> {
    const running = server
    server = null
    if (running === null || running.exitCode !== null || running.signalCode !== null) return
    running.kill('SIGTERM')
    await once(running, 'exit')
  }

  function startServer(): void {
    const env = {
      CONSOLE_DRAIN_DELAY: '0',
      ...process.env,
      CONSOLE_RUNTIME_MODE: 'local',
      CONSOLE_APP: out,
    }
    // The places of failures are those in the sources.
    const words = ['--enable-source-maps', '--import', endWithParent, program, 'serve']
    const started = spawn(process.execPath, words, { env, stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: started.stdout }).on('line', (line) => {
      for (const one of linesOf(line)) say(one)
    })
    server = started
    started.once('exit', (code) => {
      if (server !== started || stopping) return
      server = null
      digest = ''
      say(`the server ended${code === null ? '' : ` with ${code}`}; it starts again when the app changes`)
    })
  }

  async function renew(): Promise<void> {
    asked = false
    const built = await build({ folder, out, say, running: server !== null })
    if (built === null || stopping || built.manifest.digest === digest) return
    await endServer()
    if (stopping) return
    digest = built.manifest.digest
    startServer()
  }

  /** Builds run one after the other; what changes meanwhile is one more. */
  function renewLater(): void {
    if (asked || stopping) return
    asked = true
    turn = turn.then(renew).catch((error: unknown) => say(error instanceof Error ? error.message : 'failed'))
  }

  renewLater()
  await turn
  const name = basename(out)
  const unwatch = watchSources({
    folder,
    ignored: (one) =>
      one === 'node_modules' || one.startsWith('.') || one === name || one.startsWith(`${name}.`),
    changed: renewLater,
  })
  return {
    async stop() {
      stopping = true
      unwatch()
      await turn
      await endServer()
    },
  }
}

async function build(needs: {
  readonly folder: string
  readonly out: string
  readonly say: (line: string) => void
  /** Whether a server runs that goes on. */
  readonly running: boolean
}): Promise<BuildResult | null> {
  const { folder, out, say, running } = needs
  try {
    const built = await buildApp({ folder, out, developing: true })
    for (const warning of built.warnings) say(`warning  ${warning}`)
    say(`built ${join(basename(folder), basename(out))}  ${built.manifest.digest}`)
    return built
  } catch (error) {
    if (!(error instanceof BuildRefused)) throw error
    for (const problem of error.problems) say(`error  ${problem}`)
    say(running ? 'not built: what ran before runs on' : 'not built: it is tried again when a file changes')
    return null
  }
}
