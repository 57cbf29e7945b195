import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('./tables-load.ts', import.meta.url))

/**
 * Runs a process that writes to tables; answers the numbers of the commits it heard acknowledged. With `killAfter` it is
 * killed (SIGKILL) once it has heard so many.
 */
export function runLoad(options: {
  readonly where: string
  readonly tenant: string
  readonly rounds: number
  readonly killAfter?: number
  /** Each round claims its number under a unique index, and is not repeated. */
  readonly claims?: true
}): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [
      ...[script, options.where, options.tenant, String(options.rounds)],
      ...(options.claims ? ['claims'] : []),
    ])
    let out = ''
    let said = ''
    // A line that was cut off by the end was not heard.
    const heard = () => out.split('\n').slice(0, -1).map(Number)
    child.stdout.on('data', (chunk) => {
      out += chunk
      if (options.killAfter !== undefined && heard().length >= options.killAfter) child.kill('SIGKILL')
    })
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve(heard())
      else reject(new Error(said))
    })
  })
}
