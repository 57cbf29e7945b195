import type { HeaderReader } from './headers.ts'

/** The session cookie's name: bound to the host on https, plain on loopback. */
export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-console_session' : 'console_session'
}

/** The session cookie of a request. */
export function readSessionCookie(secure: boolean, headers: HeaderReader): string | null {
  const name = sessionCookieName(secure)
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name && value !== undefined && value !== '') return value
  }
  return null
}

/** The `Set-Cookie` of a session; without a token it ends it. */
export function sessionCookie(secure: boolean, token: string | null, maxAgeSeconds: number): string {
  const kept = token === null ? '; Max-Age=0' : `; Max-Age=${Math.floor(maxAgeSeconds)}`
  return `${sessionCookieName(secure)}=${token ?? ''}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}${kept}`
}
