import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { operations } from '@quarterdeck/sdk/contract'
import { parseOverlay } from '../packages/server/src/config/overlay.ts'
import { settingNames } from '../packages/server/src/config.ts'
import { findLiterals, literalsOf } from './content-boundary.ts'

// The base knows no deployment: what an overlay names may not stand in packages/. Exit 0 clean, 1 found, 3 not run.
const root = join(import.meta.dirname, '..')
const given = process.argv.slice(2)
const folders = given.length > 0 ? given : overlayFolders()

function overlayFolders(): string[] {
  const fromEnv = process.env.CONSOLE_OVERLAY === undefined ? [] : [process.env.CONSOLE_OVERLAY]
  const deploy = join(root, 'deploy')
  const here = (existsSync(deploy) ? readdirSync(deploy, { withFileTypes: true }) : [])
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(deploy, entry.name))
  return [...fromEnv, ...here].filter((folder) => existsSync(join(folder, 'overlay.yaml')))
}

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (/\.(tsx?|mjs|json|html|css|sql)$/.test(entry.name)) yield path
  }
}

if (folders.length === 0) {
  console.log('not-run: there is no overlay')
  process.exit(3)
}
const ours = [
  ...settingNames,
  ...operations().flatMap((operation) => [operation.name, operation.route, operation.permission]),
].join(' ')
let found = 0
for (const folder of folders) {
  const { overlay, problems } = parseOverlay(readFileSync(join(folder, 'overlay.yaml'), 'utf8'))
  if (overlay === null) {
    for (const problem of problems) console.error(`${folder}: ${problem.detail}`)
    process.exit(1)
  }
  const literals = literalsOf(overlay, ours)
  for (const path of sources(join(root, 'packages'))) {
    for (const hit of findLiterals(readFileSync(path, 'utf8'), literals)) {
      console.log(`${relative(root, path)}:${hit.line}  ${hit.literal}`)
      found += 1
    }
  }
}
console.log(
  found === 0 ? `pass: ${folders.length} overlay(s)` : `fail: ${found} literal(s) of an overlay in packages/`,
)
process.exit(found === 0 ? 0 : 1)
