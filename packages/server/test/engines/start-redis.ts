import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from './free-port.ts'
import type { Started } from './start-postgres.ts'

const ready = 'Ready to accept connections'

/** Starts a Redis of its own on a free loopback port; it keeps nothing on disk. */
export async function startRedis(): Promise<Started> {
  const port = await freePort()
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) =>
      reject(
        new Error(
          'redis-server is missing; run "apt install redis-server", or leave it out with WITHOUT=redis',
          {
            cause: error,
          },
        ),
      ),
    )
    child.once('exit', () => reject(new Error(`redis-server did not start\n${said}`)))
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-4_000)
      if (said.includes(ready)) resolve()
    })
  })
  const onExit = () => child.kill('SIGKILL')
  process.once('exit', onExit)
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      process.off('exit', onExit)
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}
