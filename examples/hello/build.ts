import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { buildApp } from '../../packages/server/src/main/app/build-app.ts'

const here = import.meta.dirname
const root = join(here, '../..')

/** Where the built app is, to be served. */
export const builtApp = join(here, 'app/dist')
const builtPage = join(here, 'dist')

/** The page's style sheets, in the order in which they hold. */
const styles = ['base', 'header', 'board', 'panel', 'around']

function newest(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !`${entry.parentPath}/`.includes('/dist/'))
    .reduce((time, entry) => Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0)
}

/** Builds the functions, and the page with the client that was generated from them; nothing that is newer than its sources. */
export async function buildDesk(): Promise<void> {
  const shared = newest(join(root, 'packages/sdk/src'))
  const server = newest(join(root, 'packages/server/src/main/app'))
  const app = Math.max(newest(join(here, 'app')), shared, server)
  if (!isNewer(join(builtApp, 'manifest.json'), app))
    await buildApp({ folder: join(here, 'app'), out: builtApp })
  const page = Math.max(newest(join(here, 'page')), app)
  if (!isNewer(join(builtPage, 'desk.js'), page)) await buildPage()
}

const isNewer = (file: string, sources: number) => existsSync(file) && statSync(file).mtimeMs > sources

async function buildPage(): Promise<void> {
  mkdirSync(builtPage, { recursive: true })
  copyFileSync(join(here, 'page/icon.svg'), join(builtPage, 'icon.svg'))
  const sheets = styles.map((name) => readFileSync(join(here, 'page/styles', `${name}.css`), 'utf8'))
  writeFileSync(join(builtPage, 'desk.css'), sheets.join('\n'))
  const bundle = await rolldown({
    input: join(here, 'page/main.tsx'),
    platform: 'browser',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  })
  await bundle.write({ file: join(builtPage, 'desk.js'), format: 'es', minify: true })
  await bundle.close()
}

if (import.meta.main) await buildDesk()
