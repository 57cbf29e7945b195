import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('./commit-steps.ts', import.meta.url))

/** A process that is about to commit the transaction of a scene. */
export interface RunningCommit {
  /** Lets it commit. */
  go(): void
  /** Kills it, SIGKILL. */
  kill(): void
  /** What it printed when it was through; null when it was killed. */
  readonly ended: Promise<string | null>
}

/** Starts the process, and waits until only the commit is left to do. With `statement` it kills itself, see its script. */
export function runCommit(where: string, tenant: string, statement?: number): Promise<RunningCommit> {
  const more = statement === undefined ? [] : [String(statement)]
  const child = spawn(process.execPath, [script, where, tenant, ...more])
  let out = ''
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const ended = new Promise<string | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(null)
      else if (code === 0) resolve(out.split('\n')[1] ?? '')
      else reject(new Error(said))
    })
  })
  return new Promise((resolve, reject) => {
    ended.catch(reject)
    child.stdout.on('data', (chunk) => {
      out += chunk
      if (!out.includes('ready\n')) return
      resolve({ go: () => child.stdin.write('go\n'), kill: () => child.kill('SIGKILL'), ended })
    })
  })
}
