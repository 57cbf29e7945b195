import * as fs from 'node:fs/promises'
import { createServer } from 'node:http'
import { createEmitter } from '@quarterdeck/sdk/emitter'
import { fileOutbox } from '@quarterdeck/sdk/outbox'
import { forget, greet, missing, remember } from './greetings.ts'
import { page } from './page.ts'
import { runChecks } from './run-checks.ts'

const port = Number(process.env.HELLO_PORT ?? 3001)
const origin = `http://127.0.0.1:${port}`
const console_ = process.env.QUARTERDECK_URL ?? 'http://127.0.0.1:3000'

const emitter = createEmitter({
  url: console_,
  token: () => process.env.QUARTERDECK_TOKEN,
  producer: { id: 'hello', product: 'hello' },
  outbox: fileOutbox({ folder: process.env.HELLO_OUTBOX ?? '.quarterdeck/hello-outbox', fs }),
})

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

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', origin)
  const redirect = () => response.writeHead(303, { location: '/' }).end()
  const text = (status: number, body: string) =>
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${body}\n`)
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(console_, missing()))
      return
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
      redirect()
      return
    case 'POST /remember':
      remember()
      check('German was remembered')
      redirect()
      return
    case 'POST /check':
      check('asked for on the page')
      redirect()
      return
    default:
      text(404, 'not found')
  }
})

server.listen(port, '127.0.0.1', () => {
  console.log(`hello is at ${origin}`)
  check('started')
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
