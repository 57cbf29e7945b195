import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

describe('the policy of the pages', () => {
  const asked = async () => {
    const { headers, body } = await createPages({ folder, logins: [], mode: 'local' })('/console/')
    return { policy: String(headers?.['content-security-policy']), headers, html: String(body) }
  }

  it('lets in our own files alone, nothing inline without the nonce of this answer, and no frame around', async () => {
    const { policy } = await asked()
    const nonce = /'nonce-([A-Za-z0-9+/=]{24})'/.exec(policy)?.[1]
    expect(policy.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "object-src 'none'",
      `script-src 'self' 'nonce-${nonce}'`,
      `style-src 'self' 'nonce-${nonce}'`,
    ])
  })

  it('has a nonce that is new with each answer, which is never kept, and that the page knows', async () => {
    writeFileSync(join(folder, 'index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__" />')
    const [one, other] = [await asked(), await asked()]
    expect(one.policy).not.toBe(other.policy)
    const told = /content="([^"]*)"/.exec(one.html)?.[1]
    expect(one.policy).toContain(`'nonce-${told}'`)
    expect(one.headers?.['cache-control']).toBe('no-store')
  })

  it('keeps built files for good, for their names change with them, and others only when they are asked for again', async () => {
    mkdirSync(join(folder, 'assets'), { recursive: true })
    writeFileSync(join(folder, 'assets', 'index-abc.js'), '')
    writeFileSync(join(folder, 'icon.svg'), '<svg/>')
    const page = createPages({ folder, logins: [], mode: 'local' })
    const kept = async (path: string) => (await page(path)).headers?.['cache-control']
    expect(await kept('/console/assets/index-abc.js')).toBe('public, max-age=31536000, immutable')
    expect(await kept('/console/icon.svg')).toBe('no-cache')
  })
})
