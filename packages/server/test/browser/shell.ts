import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a command as somebody would who pasted it into a shell. Answers what it printed. */
export async function shell(command: string, token: string): Promise<string> {
  const child = spawn('bash', ['-euc', command], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, QUARTERDECK_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk
    })
  }
  const [code] = await once(child, 'close')
  return code === 0 ? said : `exit ${code}: ${said}`
}
