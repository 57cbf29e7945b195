// Runs on whatever Node is there (20 or later): installs what is missing, then runs a script on the repository's own Node.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [script, ...rest] = process.argv.slice(2)
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')
const stamp = join(root, 'node_modules', '.quarterdeck-installed')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.log('Installing dependencies (npm ci)…')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (npm.status !== 0) {
    console.error('npm ci failed; nothing was started.')
    process.exit(npm.status ?? 1)
  }
  writeFileSync(stamp, lock)
}

const node = join(root, 'node_modules', 'node', 'bin', 'node')
if (!existsSync(node)) {
  console.error('The repository brings its own Node as the npm package "node", and it is not there.')
  console.error('Its install script may have been kept from running: try npm ci --ignore-scripts=false')
  process.exit(1)
}
const path = `${join(root, 'node_modules', '.bin')}:${dirname(node)}:${process.env.PATH}`
const child = spawnSync(node, [join(root, script), ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: path },
})
process.exit(child.status ?? 1)
