import { start } from '../main.ts'

const longestStopMs = 44_000

/** Starts a server, says where it is, and runs until it is told to stop. */
export async function serve(): Promise<void> {
  const running = await start()
  // Functions of an app run in this process: one that forgets to wait for something ends no other's call.
  process.on('unhandledRejection', running.stray)
  for (const line of running.greeting) console.log(line)
  void running.later.then((lines) => {
    for (const line of lines) console.log(line)
  })
  const stop = () => {
    // Whatever hangs, it is over before the supervisor loses its patience.
    setTimeout(() => process.exit(0), longestStopMs).unref()
    void running.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
