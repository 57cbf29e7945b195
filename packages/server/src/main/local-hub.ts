import { StartRefused } from '../config/problem.ts'
import { start } from '../main.ts'
import { configure } from './environment.ts'

/** Performs an operation in this process, as the home tenant. */
export type LocalCall = (operation: string, input: unknown) => Promise<unknown>

/**
 * The platform in this process on the data folder, with no socket that anybody is told of. It is the folder's one
 * writer while it runs: a server that has the folder open makes it refuse, and the other way round.
 */
export async function withLocalHub(
  use: (call: LocalCall) => Promise<void>,
  env = process.env,
): Promise<void> {
  if (configure(env).mode === 'hosted') {
    throw new StartRefused([
      { code: 'local_only', detail: 'a hosted deployment is spoken to over the network' },
    ])
  }
  const running = await start({
    ...env,
    CONSOLE_PORT: '0',
    CONSOLE_METRICS_ENABLED: 'false',
    CONSOLE_LOG_LEVEL: 'warn',
    CONSOLE_DRAIN_DELAY: '0',
  })
  try {
    await use((name, input) => running.call(name, input))
  } finally {
    await running.stop()
  }
}
