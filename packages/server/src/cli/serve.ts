import { start } from '../main.ts'

/** Starts a server, says where it is, and runs until it is told to stop. */
export async function serve(): Promise<void> {
  const running = await start()
  for (const line of running.greeting) console.log(line)
  const stop = () => {
    void running.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
