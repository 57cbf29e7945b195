import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { freePort } from '../engines/free-port.ts'
import { type Env, type Serving, serve } from '../program.ts'
import { ask } from '../settings/ask.ts'
import { type MailServer, openMailServer } from '../settings/mail-server.ts'
import type { Answered, TestBrowser } from './browser-of.ts'
import { hostedEnv } from './hosted.ts'

/** One of several hosted servers on one database, each a process of its own, reached as its public origin would be. */
export interface Replica {
  readonly url: string
  readonly server: Serving
  /** One request; `from` is the client's address. */
  ask(route: string, asking?: Asking): Promise<Answered>
  stop(): Promise<void>
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string
  readonly body?: unknown
  readonly from?: string
}

export const publicHost = 'console.example.com'
export const publicOrigin = `https://${publicHost}`

const soon = { timeout: 20_000, interval: 50 }

let addresses = 0
/** A client address that no other request has, so that limits of addresses do not speak. */
export function anotherAddress(): string {
  addresses += 1
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`
}

/** Starts a hosted server; resolves once it is ready, unless it shall not be waited for. */
export async function openReplica(databaseUrl: string, more: Env = {}, wait = true): Promise<Replica> {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-replica-'))
  const port = await freePort()
  const server = await serve({
    ...hostedEnv(databaseUrl),
    CONSOLE_PORT: String(port),
    CONSOLE_DATA_DIR: join(folder, 'data'),
    CONSOLE_TRUSTED_PROXIES: '127.0.0.1',
    ...more,
  })
  const url = `http://127.0.0.1:${port}`
  const replica: Replica = {
    url,
    server,
    async ask(route, { headers = {}, token, body, from = anotherAddress() } = {}) {
      const said = {
        host: publicHost,
        'x-forwarded-for': from,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      }
      const answer = await ask({ url, token: '' }, route, { headers: said, body, bare: true })
      return {
        ...answer,
        headers: new Headers(answer.headers as Record<string, string>),
        body: answer.body as Answered['body'],
      }
    },
    async stop() {
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  if (wait) await vi.waitFor(async () => expect((await replica.ask('GET /readyz')).status).toBe(200), soon)
  return replica
}

/** A person with one browser, who may reach any of the replicas. */
export interface Person extends TestBrowser {
  at(replica: Replica): Person
  /** The same cookies in another browser: what one answer sets, the other does not have. */
  copy(): Person
}

/** A browser at a replica's public origin. */
export function personAt(replica: Replica, jar = new Map<string, string>(), from = anotherAddress()): Person {
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  return {
    cookies,
    at: (other) => personAt(other, jar, from),
    copy: () => personAt(replica, new Map(jar), anotherAddress()),
    async ask(route, body, headers = {}) {
      const answer = await replica.ask(route, {
        headers: {
          ...(jar.size === 0 ? {} : { cookie: cookies() }),
          ...(route.startsWith('GET ') ? {} : { origin: publicOrigin }),
          ...headers,
        },
        body,
        from,
      })
      for (const [, name = '', value = '', rest = ''] of (answer.headers.get('set-cookie') ?? '').matchAll(
        /(__\w+-console_\w+)=([^;]*);([^,]*)/g,
      )) {
        if (/max-age=0/i.test(rest)) jar.delete(name)
        else jar.set(name, value)
      }
      return answer
    },
  }
}

/** Where the mail of hosted servers arrives. */
export interface Post extends MailServer {
  /** The token and the code of the newest mail with a link to an address, sent behind the first `after`. */
  link(email: string, after?: number): Promise<{ token: string; code: string }>
}

export async function openPost(): Promise<Post> {
  const server = await openMailServer()
  return {
    ...server,
    async link(email, after = 0) {
      const find = () =>
        server.arrived
          .slice(after)
          .filter(({ to, text }) => to.includes(email) && /sign-in#/.test(text))
          .map(({ text }) => text.replaceAll('=\r\n', '').replaceAll('=3D', '='))
          .at(-1)
      await vi.waitFor(() => expect(find()).toBeDefined(), soon)
      const text = find() ?? ''
      return {
        token: /sign-in#([\w-]+)/.exec(text)?.[1] ?? '',
        code: /^([0-9A-Z]{4}-[0-9A-Z]{4})\r?$/m.exec(text)?.[1] ?? '',
      }
    },
  }
}

/** Asks for a link in a new browser. */
export async function asksLink(replica: Replica, post: Post, email: string) {
  const person = personAt(replica)
  const after = post.arrived.length
  const { status } = await person.ask('POST /auth/link', { email })
  expect(status).toBe(202)
  return { person, ...(await post.link(email, after)) }
}

/** Claims servers that nobody owns; answers the owner's browser. */
export async function claimBoth(replicas: readonly Replica[], email = 'ada@example.com'): Promise<Person> {
  const code = replicas.flatMap(
    ({ server }) => /with the code ([0-9A-Z-]{23})/.exec(server.said())?.[1] ?? [],
  )[0]
  const owner = personAt(replicas[0] as Replica)
  const { status } = await owner.ask('POST /auth/claim', { code, email, name: 'Ada' })
  expect(status).toBe(200)
  return owner
}

/** How many of many answers were which: `200`, or status and code. */
export function tally(answers: readonly Answered[]): Record<string, number> {
  const counted: Record<string, number> = {}
  for (const { status, body } of answers) {
    const word = body?.code === undefined ? String(status) : `${status} ${body.code}`
    counted[word] = (counted[word] ?? 0) + 1
  }
  return counted
}

/** A live stream as it comes over the wire. */
export interface Listening {
  readonly status: number
  /** All that came so far. */
  said(): string
  ended(): boolean
  cut(): void
}

/** Opens the live feed; resolves once the server has answered. */
export function listen(
  replica: Replica,
  path: string,
  headers: Record<string, string> = {},
): Promise<Listening> {
  const sent = { host: publicHost, 'x-forwarded-for': anotherAddress(), ...headers }
  return new Promise((resolve, reject) => {
    const asked = request(replica.url + path, { headers: sent, agent: false }, (response) => {
      let text = ''
      let over = false
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      for (const end of ['close', 'error'])
        response.on(end, () => {
          over = true
        })
      resolve({
        status: response.statusCode ?? 0,
        said: () => text,
        ended: () => over,
        cut: () => asked.destroy(),
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}
