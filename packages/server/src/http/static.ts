import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { commonHeaders } from './headers.ts'

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

/** Serves the built console under /console/: its files, and the one page for every other path there. */
export function createPages(needs: { readonly folder: string; readonly secure: boolean }) {
  const always: Record<string, string> = {
    ...commonHeaders,
    ...(needs.secure ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  }

  async function file(path: string): Promise<Buffer | null> {
    const inside = normalize(path)
    if (inside.startsWith('..') || inside.includes('\0')) return null
    const full = join(needs.folder, inside)
    const found = await stat(full).catch(() => null)
    return found?.isFile() ? readFile(full) : null
  }

  async function page(response: ServerResponse): Promise<void> {
    const html = await file('index.html')
    if (html === null) {
      response.writeHead(503, { ...always, 'content-type': 'text/plain; charset=utf-8' })
      response.end('The console is not built. Run: npm run build\n')
      return
    }
    const nonce = randomBytes(16).toString('base64')
    response.writeHead(200, {
      ...always,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy(nonce),
      'cache-control': 'no-store',
    })
    response.end(html.toString('utf8').replaceAll('__CSP_NONCE__', nonce))
  }

  /** Answers `/` and what lies under /console; false for any other path. */
  return async (method: string, path: string, response: ServerResponse): Promise<boolean> => {
    if (method !== 'GET' && method !== 'HEAD') return false
    if (path === '/' || path === '/console') {
      response.writeHead(302, { ...always, location: '/console/' })
      response.end()
      return true
    }
    if (!path.startsWith('/console/')) return false
    const inside = decoded(path.slice('/console/'.length))
    const found = inside === '' || inside === 'index.html' ? null : await file(inside)
    if (found === null) {
      if (inside.startsWith('assets/')) {
        response.writeHead(404, { ...always, 'content-type': 'text/plain' })
        response.end('Not found\n')
      } else await page(response)
      return true
    }
    response.writeHead(200, {
      ...always,
      'content-type': types[extname(inside)] ?? 'application/octet-stream',
      // Built files carry a hash of their content in their name.
      'cache-control': inside.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
    response.end(found)
    return true
  }
}
