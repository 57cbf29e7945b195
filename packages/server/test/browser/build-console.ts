import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** Builds the pages once for the run, unless what is built is newer than all it is made from. */
export default function setup(): void {
  const built = join(root, 'packages/console/dist/index.html')
  const sources = ['packages/console/src', 'packages/sdk/src'].map((folder) => newest(join(root, folder)))
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources)) return
  const done = spawnSync('npm', ['run', '--silent', '-w', 'packages/console', 'build'], {
    cwd: root,
    // Tests run as `test`, for which the libraries would bring their slow, talkative builds.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (done.status !== 0) throw new Error('the console could not be built')
}

function newest(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((time, entry) => Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0)
}
