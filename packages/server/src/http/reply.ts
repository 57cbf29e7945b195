import { fault } from '@quarterdeck/sdk/errors'
import type { CookieName, From, Reply } from '../core/perform.ts'
import type { Answer } from './answer.ts'
import type { Arrival } from './arrival.ts'
import { type CookieValue, readCookie, writeCookie } from './cookies.ts'

/** What a handler has said beside its output; it counts once the handler has succeeded. */
export interface Said {
  cookies: Map<CookieName, CookieValue> | null
  location: string | null
  cacheSeconds: number | null
}

/** Makes what a handler says things beside its output with. */
export function createReply(): { readonly reply: Reply; readonly said: Said } {
  const said: Said = { cookies: null, location: null, cacheSeconds: null }
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
  }
  return { reply, said }
}

/** The answer with what the handler said beside it. */
export function withSaid(answer: Answer, { cookies, location, cacheSeconds }: Said, secure: boolean): Answer {
  if (cookies === null && location === null && cacheSeconds === null) return answer
  const headers: Record<string, string | readonly string[]> = { ...answer.headers }
  if (cookies !== null)
    headers['set-cookie'] = [...cookies].map(([name, cookie]) => writeCookie(name, secure, cookie))
  if (cacheSeconds !== null) headers['cache-control'] = `public, max-age=${Math.floor(cacheSeconds)}`
  if (location === null) return { ...answer, headers }
  headers.location = location
  return { status: 302, headers, body: null }
}

/** Where a call came from. */
export function fromOf({ incoming, address }: Arrival, secure: boolean): From {
  const { headers } = incoming
  return {
    address,
    client: (headers['user-agent'] ?? '').slice(0, 200),
    origin: headers.origin ?? null,
    cookie: (name) => readCookie(name, secure, headers.cookie),
  }
}
