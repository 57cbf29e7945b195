import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseOverlay } from '../packages/server/src/config/overlay.ts'
import { findLiterals, literalsOf } from './content-boundary.ts'

const text = `apiVersion: quarterdeck/overlay-1
environment: production
origins: { public: "https://console.harbour.example", allowed: ["https://status.harbour.example:8443"] }
tenants: [{ id: harbour-shop, label: Harbour Shop, default: true }, { id: abc }]
productRoots: [{ id: crane-logs, path: /srv/cranes }]
boundary: { literals: [harbour-prod-db, CONSOLE_PORT, records] }
`

describe('what an overlay names', () => {
  const { overlay } = parseOverlay(text)

  it('is its hosts, tenants, roots and literals, save short words and words of our own', () => {
    if (overlay === null) throw new Error('the overlay does not parse')
    expect(literalsOf(overlay, 'CONSOLE_PORT records.append').sort()).toEqual([
      'Harbour Shop',
      'console.harbour.example',
      'crane-logs',
      'harbour-prod-db',
      'harbour-shop',
      'status.harbour.example:8443',
    ])
  })

  it('is found as a whole word with its line, in any case', () => {
    const literals = ['prod-db', 'a.b']
    const source = [
      'const x = 1',
      "const url = 'PROD-DB'",
      "'my-prod-db'",
      'prod-dbs',
      '(prod-db)',
      'aXb a.b',
    ]
    expect(findLiterals(source.join('\n'), literals)).toEqual([
      { line: 2, literal: 'prod-db' },
      { line: 5, literal: 'prod-db' },
      { line: 6, literal: 'a.b' },
    ])
  })
})

describe('npm run check:content-boundary', () => {
  const repository = join(import.meta.dirname, '..')
  let root: string
  beforeEach(() => {
    // A base of one file beside the real one, whose code the script uses.
    root = mkdtempSync(join(tmpdir(), 'quarterdeck-boundary-'))
    mkdirSync(join(root, 'scripts'))
    mkdirSync(join(root, 'packages/base/src'), { recursive: true })
    for (const name of ['check-content-boundary.ts', 'content-boundary.ts'])
      cpSync(join(repository, 'scripts', name), join(root, 'scripts', name))
    symlinkSync(join(repository, 'packages/server'), join(root, 'packages/server'))
    symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
    writeFileSync(join(root, 'packages/base/src/clean.ts'), 'export const port = 3000\n')
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const check = (...folders: string[]) =>
    new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
      const script = join(root, 'scripts/check-content-boundary.ts')
      const env = { PATH: process.env.PATH ?? '' }
      execFile(process.execPath, [script, ...folders], { env }, (error, out, err) =>
        resolve({ code: error?.code ?? 0, out, err }),
      )
    })
  const overlayAt = (folder: string, content = text) => {
    mkdirSync(join(root, folder), { recursive: true })
    writeFileSync(join(root, folder, 'overlay.yaml'), content)
    return join(root, folder)
  }

  it('is not run where there is no overlay: neither pass nor fail', async () => {
    expect(await check()).toMatchObject({ code: 3, out: expect.stringMatching(/^not-run/) })
    mkdirSync(join(root, 'deploy/kubernetes'), { recursive: true })
    expect((await check()).code).toBe(3)
  })

  it('passes while the base names nothing of it, and finds a planted literal with its file and line', async () => {
    overlayAt('deploy/harbour')
    expect(await check()).toMatchObject({ code: 0, out: 'pass: 1 overlay(s)\n' })
    writeFileSync(
      join(root, 'packages/base/src/planted.ts'),
      "export const a = 1\nexport const database = 'harbour-prod-db'\n",
    )
    const { code, out } = await check()
    expect([code, out]).toEqual([
      1,
      'packages/base/src/planted.ts:2  harbour-prod-db\nfail: 1 literal(s) of an overlay in packages/\n',
    ])
  })

  it('takes overlays of other places, and fails on one that cannot be read', async () => {
    const elsewhere = overlayAt('elsewhere', text.replace('harbour-prod-db', 'port'))
    expect((await check(elsewhere)).out).toContain('packages/base/src/clean.ts:1  port')
    const bad = overlayAt('bad', `${text}surprise: 1\n`)
    expect(await check(bad)).toMatchObject({ code: 1, err: expect.stringContaining('unknown key surprise') })
  })
})
