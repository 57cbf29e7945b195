import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Env = Readonly<Record<string, string | undefined>>

/** What a command of the program answered. */
export interface Answered {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A server that runs in a process of its own. */
export interface Serving {
  readonly url: string
  readonly pid: number
  /** All it has said on both outputs so far. */
  said(): string
  /** kill -9: nothing is closed, nothing flushed. */
  kill(): Promise<void>
  /** Asks it to end; answers its exit code. */
  stop(): Promise<number | null>
}

const program = fileURLToPath(new URL('../src/cli/quarterdeck.ts', import.meta.url))
const children = new Set<ChildProcess>()

/** Ends what tests started and did not end. */
export async function endAll(): Promise<void> {
  await Promise.all([...children].map(kill))
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** Starts a script of this repository; of this process's environment it gets only where programs are. */
export function begin(script: string, args: readonly string[], env: Env): ChildProcess {
  const { PATH, HOME, TMPDIR } = process.env
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH, HOME, TMPDIR, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

function listen(child: ChildProcess): { out(): string; err(): string } {
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk
  })
  return { out: () => out, err: () => err }
}

/** Runs a script to its end; one that has not ended after 30 s is killed and has no code. */
export async function runScript(
  script: string,
  args: readonly string[],
  env: Env,
  input = '',
): Promise<Answered> {
  const child = begin(script, args, env)
  const heard = listen(child)
  const patience = setTimeout(() => child.kill('SIGKILL'), 30_000)
  child.stdin?.on('error', () => undefined).end(input)
  await once(child, 'close')
  clearTimeout(patience)
  return { code: child.exitCode, out: heard.out(), err: heard.err() }
}

/** Runs a command of `quarterdeck`. */
export function quarterdeck(args: readonly string[], env: Env, input?: string): Promise<Answered> {
  return runScript(program, args, env, input)
}

/** Starts `quarterdeck serve` on a free port; resolves once it says where it is, rejects when it ends before. */
export async function serve(env: Env): Promise<Serving> {
  const child = begin(program, ['serve'], {
    CONSOLE_PORT: '0',
    CONSOLE_METRICS_ENABLED: 'false',
    CONSOLE_DRAIN_DELAY: '0',
    ...env,
  })
  const heard = listen(child)
  const said = () => heard.out() + heard.err()
  const ended = once(child, 'close')
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const found = /(?:is at|API) +(https?:\/\/[^\s/]+)/.exec(heard.out())?.[1]
      if (found !== undefined) resolve(found)
    })
    void ended.then(() => reject(new Error(`the server ended with ${child.exitCode}\n${said()}`)))
  })
  return {
    url,
    pid: child.pid ?? 0,
    said,
    kill: () => kill(child),
    async stop() {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
  }
}
