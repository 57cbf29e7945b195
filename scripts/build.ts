import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// Emits the published packages under packages/*/dist: JavaScript with declarations, and a package.json that points at it.
const root = join(import.meta.dirname, '..')

function run(command: string, ...words: string[]): void {
  const done = spawnSync(command, words, { cwd: root, stdio: 'inherit' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

function emit(name: 'sdk' | 'server', change: (manifest: Record<string, unknown>) => void): void {
  const folder = join(root, 'packages', name)
  const out = join(folder, 'dist')
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out)
  const config = join(folder, 'tsconfig.build.json')
  run('tsc', '-p', config)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>
  delete manifest.scripts
  delete manifest.devDependencies
  manifest.engines = { node: '>=22.18' }
  change(manifest)
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

emit('sdk', (manifest) => {
  manifest.exports = { './*': { types: './src/*.d.ts', default: './src/*.js' } }
})
emit('server', (manifest) => {
  manifest.bin = { quarterdeck: 'src/cli/quarterdeck.js' }
})
run('npm', 'run', '--silent', '--workspace', 'packages/console', 'build')
for (const engine of ['postgres', 'sqlite']) {
  cpSync(
    join(root, 'packages/server/src/adapters', engine, 'migrations'),
    join(root, 'packages/server/dist/src/adapters', engine, 'migrations'),
    { recursive: true },
  )
}
if (existsSync(join(root, 'packages/console/dist'))) {
  cpSync(join(root, 'packages/console/dist'), join(root, 'packages/server/dist/console'), { recursive: true })
}
console.log('Built packages/sdk/dist, packages/server/dist and packages/console/dist.')
