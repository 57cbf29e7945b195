import type { CookieName } from '../core/perform.ts'

/** What a handler wants kept in the browser; null removes it. */
export type CookieValue = { readonly value: string; readonly maxAgeSeconds: number } | null

const path: Readonly<Record<CookieName, string>> = { session: '/', link: '/', login: '/auth' }
// The issuer's redirect comes from elsewhere, so the cookie of a login under way must come along with it.
const sameSite: Readonly<Record<CookieName, string>> = { session: 'Strict', link: 'Strict', login: 'Lax' }

/** A cookie's name: bound to the host on https where its path allows that, plain on loopback (RFC 6265bis, 4.1.3). */
export function cookieName(name: CookieName, secure: boolean): string {
  const prefix = !secure ? '' : path[name] === '/' ? '__Host-' : '__Secure-'
  return `${prefix}console_${name}`
}

/** A cookie of a request; null without it. */
export function readCookie(name: CookieName, secure: boolean, header: string | undefined): string | null {
  if (header === undefined) return null
  const wanted = `${cookieName(name, secure)}=`
  for (const part of header.split(';')) {
    const pair = part.trim()
    if (pair.startsWith(wanted) && pair.length > wanted.length) return pair.slice(wanted.length)
  }
  return null
}

/** The `Set-Cookie` of a cookie: never for scripts, on https only over https. */
export function writeCookie(name: CookieName, secure: boolean, cookie: CookieValue): string {
  const kept = `Max-Age=${cookie === null ? 0 : Math.floor(cookie.maxAgeSeconds)}`
  const attributes = `Path=${path[name]}; HttpOnly; SameSite=${sameSite[name]}${secure ? '; Secure' : ''}; ${kept}`
  return `${cookieName(name, secure)}=${cookie?.value ?? ''}; ${attributes}`
}
