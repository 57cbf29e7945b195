import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

// npm run bench -- <name>: one file of bench/ a question. Without a name they are listed.
const folder = join(import.meta.dirname, '../bench')
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.bench.ts'))
  .map((name) => name.slice(0, -'.bench.ts'.length))
const [name, ...rest] = process.argv.slice(2)
if (name === undefined || !names.includes(name)) {
  console.log(`Benches: ${names.join(', ')}`)
  process.exit(name === undefined ? 0 : 1)
}
const done = spawnSync(process.execPath, ['--expose-gc', join(folder, `${name}.bench.ts`), ...rest], {
  stdio: 'inherit',
})
process.exit(done.status ?? 1)
