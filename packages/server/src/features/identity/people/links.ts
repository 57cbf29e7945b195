import { fault } from '@quarterdeck/sdk/errors'
import { z } from 'zod'
import type { Keep, Kept } from '../../../ports/keep.ts'
import { hashOf, makeToken } from '../secret-hash.ts'
import { makeCode, readCode } from './spoken-code.ts'

/** How long a link and the cookie of the browser that asked for it are good, ms. */
export const linkMs = 10 * 60_000
/** What is known of a browser and a code outlives the link, so that the end of the link is told as such. */
const browserMs = linkMs + 60_000
const mostWrong = 5

const Link = z.object({
  operator: z.string(),
  /** Hash of the cookie of the browser that asked. */
  browser: z.string(),
  returnTo: z.string(),
  amr: z.array(z.string()),
  /** Unix ms. */
  endsAt: z.number(),
  spent: z.boolean(),
})

/** A sign-in that waits for its person: once, within ten minutes, in one browser. */
export type Link = z.output<typeof Link>

/** A link that was found good and can be spent by whoever is first. */
export interface OpenLink {
  readonly link: Link
  /** Throws `link_spent` when another was first. */
  spend(): Promise<void>
}

/** Sign-in links over `keep`, which holds cookies, tokens and codes by hash only. */
export interface Links {
  /** The cookie for a browser that asks for a link: the one it has, while no wrong code was tried under it, or a new one. */
  bind(cookie: string | null): Promise<string>
  /** Makes a link for the browser with this cookie: its token, and its code of eight characters. */
  make(said: {
    readonly operator: string
    readonly cookie: string
    readonly returnTo: string
    readonly amr: readonly string[]
  }): Promise<{ token: string; code: string }>
  /** Finds a link by its token. Throws `link_spent`, and `wrong_browser` without the cookie. */
  byToken(token: string, cookie: string | null): Promise<OpenLink>
  /** Finds a link by its code and the cookie. Throws `code_invalid`, `link_spent`, and `wrong_browser` without a cookie. */
  byCode(code: string, cookie: string | null): Promise<OpenLink>
}

/** Makes the links. */
export function createLinks(needs: {
  readonly keep: Keep
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
}): Links {
  const { keep, now, randomBytes } = needs

  /** Counts the wrong codes typed in a browser; it is there for every browser that asked, whoever it asked for. */
  const browserKey = (browser: string) => `link/browser/${browser}`
  const tokenKey = (token: string) => `link/token/${token}`
  const codeKey = (browser: string, code: string) => `link/code/${browser}/${hashOf(code)}`

  async function open(key: string, cookie: string | null): Promise<OpenLink> {
    const kept = await keep.get(key)
    if (kept === null) throw fault('link_spent')
    const link = Link.parse(JSON.parse(kept.value))
    if (link.spent) throw fault('link_spent')
    const wrong = await keep.get(browserKey(link.browser))
    if (wrong === null || Number(wrong.value) >= mostWrong) throw fault('link_spent')
    if (cookie === null || hashOf(cookie) !== link.browser) throw fault('wrong_browser')
    return { link, spend: () => spend(key, kept, link) }
  }

  async function spend(key: string, kept: Kept, link: Link): Promise<void> {
    const left = Math.max(1, link.endsAt - now())
    const spent = JSON.stringify({ ...link, spent: true })
    if ((await keep.compareAndSet(key, kept.version, spent, left)) === null) throw fault('link_spent')
  }

  return {
    async bind(cookie) {
      const known =
        cookie !== null && /^[\w-]{43}$/.test(cookie) ? await keep.get(browserKey(hashOf(cookie))) : null
      if (cookie !== null && known?.value === '0') {
        const key = browserKey(hashOf(cookie))
        if ((await keep.compareAndSet(key, known.version, '0', browserMs)) !== null) return cookie
      }
      const made = makeToken(randomBytes)
      await keep.put(browserKey(hashOf(made)), '0', browserMs)
      return made
    },
    async make({ operator, cookie, returnTo, amr }) {
      const token = makeToken(randomBytes)
      const code = makeCode(randomBytes, 8)
      const browser = hashOf(cookie)
      const link: Link = {
        operator,
        browser,
        returnTo,
        amr: [...amr],
        endsAt: now() + linkMs,
        spent: false,
      }
      await keep.put(tokenKey(hashOf(token)), JSON.stringify(link), linkMs)
      await keep.put(codeKey(browser, code), hashOf(token), browserMs)
      return { token, code }
    },
    byToken: (token, cookie) => open(tokenKey(hashOf(token)), cookie),
    async byCode(code, cookie) {
      if (cookie === null) throw fault('wrong_browser')
      const browser = hashOf(cookie)
      if ((await keep.get(browserKey(browser))) === null) throw fault('link_spent')
      // Counted before it is looked at, so that no number of guesses at once is more than five.
      const tries = await keep.increment(browserKey(browser), 1, browserMs)
      if (tries > mostWrong) throw fault('link_spent')
      const kept = await keep.get(codeKey(browser, readCode(code)))
      if (kept === null) throw fault('code_invalid')
      await keep.increment(browserKey(browser), -1, browserMs)
      return open(tokenKey(kept.value), cookie)
    },
  }
}
