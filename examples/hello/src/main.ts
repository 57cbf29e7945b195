import * as fs from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createEmitter } from '@quarterdeck/sdk/emitter'
import { fileOutbox } from '@quarterdeck/sdk/outbox'
import { deskFile, deskPolicy } from './desk-files.ts'
import { createDeskSessions, whyNoDesk } from './desk-sessions.ts'
import { forget, greet, missing, remember } from './greetings.ts'
import { page } from './page.ts'
import { readJson } from './read-json.ts'
import { runChecks } from './run-checks.ts'

const port = Number(process.env.HELLO_PORT ?? 3001)
const origin = `http://127.0.0.1:${port}`
const console_ = process.env.QUARTERDECK_URL ?? 'http://127.0.0.1:3000'
/** Whoever gets here by another name was led here by a page that is not ours. */
const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`])

const emitter = createEmitter({
  url: console_,
  token: () => process.env.QUARTERDECK_TOKEN,
  producer: { id: 'hello', product: 'hello' },
  outbox: fileOutbox({ folder: process.env.HELLO_OUTBOX ?? '.quarterdeck/hello-outbox', fs }),
})
const desk = createDeskSessions({ url: console_, token: process.env.QUARTERDECK_TOKEN ?? '' })

let running = Promise.resolve()
let blocked: string | undefined
let waiting = false
let stopping = false

/** Checks run one after another; a request for a run while one waits is that run. */
function check(cause: string): void {
  if (waiting) return
  waiting = true
  running = running
    .then(async () => {
      waiting = false
      if (!stopping) blocked = await runChecks(emitter, origin, cause, blocked)
    })
    .catch((error: unknown) =>
      console.error('the checks could not be told:', error instanceof Error ? error.message : error),
    )
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', origin)
  const redirect = () => response.writeHead(303, { location: '/checks' }).end()
  const send = (status: number, type: string, body: string | Uint8Array) =>
    response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(body)
  const text = (status: number, body: string) => send(status, 'text/plain; charset=utf-8', `${body}\n`)
  if (!hosts.has(request.headers.host ?? '')) return void text(421, 'not served under this name')
  switch (`${request.method} ${url.pathname}`) {
    case 'POST /session': {
      const { origin: from, 'content-type': type } = request.headers
      const own = from === undefined || hosts.has(from.replace('http://', ''))
      if (!own || type !== 'application/json') return void text(403, 'not from here')
      const asked = (await readJson(request)) as { readonly person?: unknown } | undefined
      const session = await desk.open(asked?.person)
      if (session === null) return void text(404, 'nobody of this name')
      response.setHeader('cache-control', 'no-store')
      return void send(200, 'application/json', JSON.stringify(session))
    }
    case 'GET /checks':
      return void send(200, 'text/html; charset=utf-8', page(console_, missing()))
    case 'GET /greet':
      try {
        text(200, greet(url.searchParams.get('name') ?? 'world', url.searchParams.get('language') ?? 'en'))
      } catch (error) {
        text(500, error instanceof Error ? error.message : 'failed')
      }
      return
    case 'POST /forget':
      forget('de')
      check('German was forgotten')
      return void redirect()
    case 'POST /remember':
      remember()
      check('German was remembered')
      return void redirect()
    case 'POST /check':
      check('asked for on the page')
      return void redirect()
  }
  const file = request.method === 'GET' ? await deskFile(url.pathname) : null
  if (file === null) return void text(404, 'not found')
  response.setHeader('content-security-policy', deskPolicy(console_))
  response.setHeader('referrer-policy', 'same-origin')
  response.setHeader('cache-control', 'no-cache')
  send(200, file.type, file.body)
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error('hello could not answer:', error instanceof Error ? error.message : error)
    if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' })
    response.end()
  })
})

server.listen(port, '127.0.0.1', () => {
  console.log(`  desk     ${origin}/   (the example app; its checks are at ${origin}/checks)`)
  check('started')
  desk.furnish().catch((error: unknown) => console.error('there is no desk here:', whyNoDesk(error)))
})
const timer = setInterval(() => check('every minute'), 60_000)

/** Lets a run that goes on find the service still there. */
async function stop(): Promise<void> {
  stopping = true
  clearInterval(timer)
  await running
  server.close()
  server.closeAllConnections()
  await emitter.close().finally(() => process.exit(0))
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
