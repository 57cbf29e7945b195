import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { developApp } from '../main/app/develop-app.ts'

/** Serves an app and follows its sources until it is told to stop. */
export async function devVerb(named: string | undefined, options: { workers?: boolean }): Promise<void> {
  if (options.workers) throw new Error('dev --workers is not built yet: functions run on this machine alone')
  const folder = resolve(named ?? (existsSync('app.ts') ? '.' : 'app'))
  if (!existsSync(join(folder, 'app.ts')))
    throw new Error(`${folder} holds no app.ts; begin one with quarterdeck init`)
  const say = (line: string) => console.log(line)
  const developing = await developApp({ folder, say, program: process.argv[1] ?? '' })
  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    void developing.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
