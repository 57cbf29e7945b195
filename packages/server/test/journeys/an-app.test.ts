import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { begin, endAll, quarterdeck, serve } from '../program.ts'

const token = 'token-of-a-service-that-uses-an-app-01'
const folders: string[] = []
afterEach(async () => {
  await endAll()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function newApp(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'quarterdeck-journey-app-'))
  folders.push(root)
  const folder = join(root, 'desk')
  expect((await quarterdeck(['init', folder], {})).code).toBe(0)
  return folder
}

async function rpc(url: string, fn: string, args: unknown[]) {
  const response = await fetch(`${url}/rpc/${fn}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  })
  return { status: response.status, body: await response.json() }
}

describe('an app from nothing', () => {
  it('is begun, built, moved to where nothing else lies, and served', async () => {
    const folder = await newApp()
    const built = await quarterdeck(['build', folder], {})
    expect([built.code, built.err]).toEqual([0, ''])
    expect(built.out).toMatch(/^openTicket +_W_ +desk +functions\/desk\.ts$/m)
    expect(built.out).toMatch(/^sha256:[0-9a-f]{64} /m)
    const packed = join(folders[0] ?? '', 'packed')
    renameSync(join(folder, 'dist'), packed)
    rmSync(folder, { recursive: true })

    const dataDir = join(folders[0] ?? '', 'data')
    const server = await serve({
      CONSOLE_APP: packed,
      CONSOLE_DATA_DIR: dataDir,
      CONSOLE_AUTH_TOKEN: token,
    })
    const opened = await rpc(server.url, 'openTicket', ['Printer on fire'])
    expect(opened).toEqual({ status: 200, body: { result: expect.any(String) } })
    const board = await rpc(server.url, 'board', ['open'])
    expect(board.body).toMatchObject({ result: [{ id: opened.body.result, title: 'Printer on fire' }] })
    expect(await server.stop()).toBe(0)
  })

  it('is refused by a server once a file of it was changed', async () => {
    const folder = await newApp()
    await quarterdeck(['build', folder], {})
    const file = join(folder, 'dist/server/functions/desk.js')
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n// mine\n`)
    const env = {
      CONSOLE_APP: join(folder, 'dist'),
      CONSOLE_DATA_DIR: join(folder, 'data'),
      CONSOLE_PORT: '0',
    }
    const served = await quarterdeck(['serve'], env)
    expect([served.code, served.err]).toEqual([78, expect.stringContaining('app_changed')])
  })

  it('is not built with two functions of one name, and the build before stays', async () => {
    const folder = await newApp()
    await quarterdeck(['build', folder], {})
    const before = readFileSync(join(folder, 'dist/manifest.json'), 'utf8')
    writeFileSync(join(folder, 'functions/more.ts'), `export { openTicket, board } from './desk.ts'\n`)
    const built = await quarterdeck(['build', folder], {})
    expect([built.code, built.out]).toEqual([1, ''])
    expect(built.err.match(/functions\/desk\.ts and in functions\/more\.ts/g)).toHaveLength(2)
    expect(readFileSync(join(folder, 'dist/manifest.json'), 'utf8')).toBe(before)
  })

  it('is not begun where something lies', async () => {
    const folder = await newApp()
    const again = await quarterdeck(['init', folder], {})
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('not empty')])
    expect(existsSync(join(folder, 'src'))).toBe(false)
  })
})

it('dev serves an app, keeps it while a build fails, and swaps it when one succeeds', async () => {
  const folder = await newApp()
  const program = fileURLToPath(new URL('../../src/cli/quarterdeck.ts', import.meta.url))
  const dev = begin(program, ['dev', folder], {
    CONSOLE_DATA_DIR: join(folder, '.quarterdeck'),
    CONSOLE_AUTH_TOKEN: token,
    CONSOLE_PORT: '0',
    CONSOLE_METRICS_ENABLED: 'false',
    CONSOLE_LOG_LEVEL: 'silent',
  })
  let said = ''
  dev.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const urls = () => [...said.matchAll(/(?:is at|API) +(https?:\/\/[^\s/]+)/g)].map(([, url]) => url ?? '')
  const latest = () => urls().at(-1) ?? ''
  const desk = join(folder, 'functions/desk.ts')
  const source = readFileSync(desk, 'utf8')

  await expect.poll(urls, { timeout: 20_000 }).not.toEqual([])
  const first = latest()
  writeFileSync(desk, source.replace('perm: perms._W_,', ''))
  await expect.poll(() => said, { timeout: 20_000 }).toContain('openTicket: perm is missing')
  expect((await rpc(first, 'board', ['open'])).status).toBe(200)

  writeFileSync(desk, source.replaceAll('board', 'blackboard'))
  await expect.poll(latest, { timeout: 20_000 }).not.toBe(first)
  expect((await rpc(latest(), 'blackboard', ['open'])).status).toBe(200)
  expect((await rpc(latest(), 'board', ['open'])).status).toBe(404)

  const ended = once(dev, 'exit')
  dev.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(await fetch(`${latest()}/healthz`).catch(() => null)).toBeNull()
})

it('dev says that it does not run functions on Workers', async () => {
  const asked = await quarterdeck(['dev', '--workers'], {})
  expect([asked.code, asked.err]).toEqual([1, expect.stringContaining('not built')])
})
