import { readFile } from 'node:fs/promises'

const built = new URL('../dist/', import.meta.url)
const types: Readonly<Record<string, string>> = {
  'desk.js': 'text/javascript; charset=utf-8',
  'desk.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
}

const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Desk</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/desk.css">
<script type="module" src="/desk.js"></script>
<div id="root"></div>
<noscript>The desk needs JavaScript.</noscript>
</html>
`

export interface File {
  readonly type: string
  readonly body: string | Uint8Array
}

/** A file of the desk's page by its path; null when there is none, or the page was not built. */
export async function deskFile(path: string): Promise<File | null> {
  if (path === '/') return { type: 'text/html; charset=utf-8', body: html }
  const name = path.slice(1)
  const type = Object.hasOwn(types, name) ? types[name] : undefined
  if (type === undefined) return null
  return readFile(new URL(name, built)).then(
    (body) => ({ type, body }),
    () => null,
  )
}

/** What a browser lets the page do: its own script and style, and calls to the functions. */
export function deskPolicy(functionsUrl: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${new URL(functionsUrl).origin}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
