import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPages } from './static.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarterdeck-pages-'))
  writeFileSync(
    join(folder, 'index.html'),
    '<meta name="console-logins" content="__CONSOLE_LOGINS__" /><meta name="csp-nonce" content="__CSP_NONCE__" />',
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('the page names the issuers that one can sign in with, as text and nothing else', async () => {
  const hostile = `https://a.example/"><script>$&</script>`
  const page = createPages({ folder, logins: ['https://login.example/realm', hostile], mode: 'local' })
  const { body } = await page('/console/sign-in')
  const html = String(body)
  const content = /name="console-logins" content="([^"]*)"/.exec(html)?.[1] ?? ''
  const read = content
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
  expect(JSON.parse(read)).toEqual(['https://login.example/realm', hostile])
  expect(html).not.toContain('<script>')
})

it('without issuers it names none', async () => {
  const { body } = await createPages({ folder, logins: [], mode: 'hosted' })('/console/')
  expect(String(body)).toContain('content="[]"')
})

it('tells the page which mode the server runs in', async () => {
  writeFileSync(join(folder, 'index.html'), '<meta name="console-mode" content="__CONSOLE_MODE__" />')
  const { body } = await createPages({ folder, logins: [], mode: 'local' })('/console/sign-in')
  expect(String(body)).toContain('content="local"')
})
