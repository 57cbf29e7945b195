import { fault } from '@quarterdeck/sdk/errors'
import type { CookieName, From, RawAnswer, Reply } from '../core/perform.ts'
import type { Answer } from './answer.ts'
import type { Arrival } from './arrival.ts'
import { type CookieValue, readCookie, writeCookie } from './cookies.ts'

/** What a handler has said beside its output; it counts once the handler has succeeded. */
export interface Said {
  cookies: Map<CookieName, CookieValue> | null
  location: string | null
  cacheSeconds: number | null
  raw: RawAnswer | null
}

/** Makes what a handler says things beside its output with. */
export function createReply(): { readonly reply: Reply; readonly said: Said } {
  const said: Said = { cookies: null, location: null, cacheSeconds: null, raw: null }
  const reply: Reply = {
    setCookie(name, cookie) {
      said.cookies ??= new Map()
      said.cookies.set(name, cookie)
    },
    redirect(to) {
      if (!/^(https?:\/\/|\/(?![/\\]))[\x21-\x7e]*$/.test(to)) throw fault('internal', 'Not a place to go')
      said.location = to
    },
    cacheFor(seconds) {
      said.cacheSeconds = seconds
    },
    raw(answer) {
      said.raw = answer
    },
  }
  return { reply, said }
}

/** The answer with what the handler said beside it. */
export function withSaid(answer: Answer, said: Said, secure: boolean): Answer {
  const { cookies, location, cacheSeconds, raw } = said
  if (raw !== null) return rawOf(raw)
  if (cookies === null && location === null && cacheSeconds === null) return answer
  const headers: Record<string, string | readonly string[]> = { ...answer.headers }
  if (cookies !== null)
    headers['set-cookie'] = [...cookies].map(([name, cookie]) => writeCookie(name, secure, cookie))
  if (cacheSeconds !== null) headers['cache-control'] = `public, max-age=${Math.floor(cacheSeconds)}`
  if (location === null) return { ...answer, headers }
  headers.location = location
  return { status: 302, headers, body: null }
}

/** Headers that hold for this connection or say who may do what; an answer from elsewhere does not set them. */
const ours = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'set-cookie',
  'strict-transport-security',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-content-type-options',
  'content-security-policy',
])

/** What an app answers by itself: shown by a browser, it can do nothing in our name. */
function rawOf({ status, headers, body }: RawAnswer): Answer {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const sent = Object.fromEntries(
    named.filter(([name]) => !ours.has(name) && !/^(access-control-|ratelimit)/.test(name)),
  )
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...sent, 'content-security-policy': 'sandbox' },
    body: status === 204 || status === 304 ? null : body,
  }
}

/** Where a call came from. */
export function fromOf({ incoming, address }: Arrival, secure: boolean): From {
  const { headers } = incoming
  return {
    address,
    client: (headers['user-agent'] ?? '').slice(0, 200),
    origin: headers.origin ?? null,
    ...(headers['x-session-id'] === undefined ? {} : { sessionId: String(headers['x-session-id']) }),
    ...(headers['x-deadline-ms'] === undefined ? {} : { deadlineMs: String(headers['x-deadline-ms']) }),
    cookie: (name) => readCookie(name, secure, headers.cookie),
  }
}
