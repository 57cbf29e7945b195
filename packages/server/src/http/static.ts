import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import type { Answer } from './answer.ts'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** The policy of the pages: our own files, and styles and scripts of this very answer. */
function policy(nonce: string): string {
  return [
    `default-src 'self'`,
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data:`,
    `connect-src 'self'`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}

/** A path as its file is named; one that is no UTF-8 names none. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ''
  }
}

/** Text as it stands between the quotes of an attribute. */
function attribute(text: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '"': '&quot;', '<': '&lt;', '>': '&gt;' }
  return text.replace(/[&"<>]/g, (sign) => named[sign] ?? sign)
}

/** Serves the built console under /console/: its files, and the one page for every other path there. */
export function createPages(needs: {
  readonly folder: string
  /** Issuers that a browser can sign in with: the sign-in page has a link for each. */
  readonly logins: readonly string[]
  /** The runtime mode: in local mode the server's own terminal holds the way in. */
  readonly mode: 'local' | 'hosted'
}): (path: string) => Promise<Answer> {
  const logins = attribute(JSON.stringify(needs.logins))

  async function file(path: string): Promise<Buffer | null> {
    const inside = normalize(path)
    if (inside.startsWith('..') || inside.includes('\0')) return null
    const full = join(needs.folder, inside)
    const found = await stat(full).catch(() => null)
    return found?.isFile() ? readFile(full) : null
  }

  async function page(): Promise<Answer> {
    const html = await file('index.html')
    if (html === null) return text(503, 'The console is not built. Run: npm run build\n')
    const nonce = randomBytes(16).toString('base64')
    return {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy(nonce),
        'cache-control': 'no-store',
      },
      body: html
        .toString('utf8')
        .replaceAll('__CSP_NONCE__', nonce)
        // A function, for `$` means something in the text of a replacement.
        .replaceAll('__CONSOLE_LOGINS__', () => logins)
        .replaceAll('__CONSOLE_MODE__', needs.mode),
    }
  }

  return async (path) => {
    if (!path.startsWith('/console/')) return { status: 302, headers: { location: '/console/' }, body: null }
    const inside = decoded(path.slice('/console/'.length))
    const found = inside === '' || inside === 'index.html' ? null : await file(inside)
    if (found === null) return inside.startsWith('assets/') ? text(404, 'Not found\n') : page()
    return {
      status: 200,
      headers: {
        'content-type': types[extname(inside)] ?? 'application/octet-stream',
        // Built files carry a hash of their content in their name.
        'cache-control': inside.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      },
      body: found,
    }
  }
}

const text = (status: number, body: string): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
})
