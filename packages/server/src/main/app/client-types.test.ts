import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkPackages, removeApps, writeApp } from './app-folder.test-kit.ts'
import { buildApp } from './build-app.ts'
import { writeNewApp } from './new-app.ts'

const compiler = join(import.meta.dirname, '../../../../../node_modules/.bin/tsc')

let folder = ''
beforeAll(async () => {
  folder = join(writeApp({ 'empty.txt': '' }), 'fresh')
  writeNewApp(folder)
  linkPackages(folder)
  await buildApp({ folder, out: join(folder, 'dist') })
})
afterAll(removeApps)

/** What the compiler says of a page beside a new app, under the app's own strict settings. */
function compile(page: string): Promise<string> {
  writeFileSync(join(folder, 'page.ts'), page)
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [compiler, '-p', folder, '--pretty', 'false'],
      { cwd: folder },
      (_error, out, err) => resolve(out + err),
    )
  })
}

const begin = `
import { createClient } from '@quarterdeck/sdk/client'
import { app } from './dist/client/index.js'
const desk = createClient({ url: '', token: '', app })
`

describe('a page that uses the client of a new app', () => {
  it('compiles, with results that are inferred from the sources', async () => {
    const said = await compile(`${begin}
const id: string = await desk.rpc.openTicket('Printer on fire')
const rows = await desk.rpc.board('open')
const titles: string[] = rows.map((row) => row.title + row.id + id)
desk.live.board(['open'], ({ result }) => void [result, titles])
`)
    expect(said).toBe('')
  })

  it('does not where it uses the client wrongly', async () => {
    const wrong = [
      ['an argument of another type', `await desk.rpc.openTicket(17)`],
      ['a missing argument', `await desk.rpc.openTicket()`],
      ['a word that the schema has not', `await desk.rpc.board('lost')`],
      ['a function that there is not', `await desk.rpc.closeTicket('1')`],
      ['a result of another type', `export const n: number = await desk.rpc.openTicket('x')`],
      ['following what is not live', `desk.live.openTicket(['x'], () => {})`],
      ['a field that no row has', `export const c = (await desk.rpc.board('open'))[0]?.colour`],
    ] as const
    const said = await compile(`${begin}${wrong.map(([, line]) => line).join('\n')}\n`)
    const first = begin.split('\n').length
    const found = wrong.filter((_one, at) => said.includes(`page.ts(${first + at},`)).map(([what]) => what)
    expect(found).toEqual(wrong.map(([what]) => what))
  })
})
