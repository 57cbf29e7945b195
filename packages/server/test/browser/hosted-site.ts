import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { expect } from 'vitest'
import { type Running, start } from '../../src/main.ts'
import { freshDatabase } from '../engines/databases.ts'
import { freePort } from '../engines/free-port.ts'
import { hostedEnv } from '../journeys/hosted.ts'
import { patience } from './browser.ts'
import { readSignInMail, type SignInMail } from './outbox.ts'
import { selfSigned } from './self-signed.ts'

/** A hosted server as its people reach it: over TLS, with a mail server that brings its mail. */
export interface HostedSite {
  readonly url: string
  /** What the server printed when it started. */
  readonly greeting: readonly string[]
  /** Waits until there are so many sign-in mails to an address. Answers the newest. */
  signInMail(to: string, count: number): Promise<SignInMail>
  end(): Promise<void>
}

/** Starts one on a database of its own, which nobody has claimed. */
export async function openHostedSite(): Promise<HostedSite> {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-hosted-site-'))
  const database = await freshDatabase()
  const port = await freePort()
  const inside = await freePort()
  const url = `https://localhost:${port}`
  const mails: { to: string; text: string }[] = []
  const post = await startPost((to, text) => mails.push({ to, text }))
  const tls = await startTls(port, inside)
  const running: Running = await start({
    ...hostedEnv(database.url),
    CONSOLE_PORT: String(inside),
    CONSOLE_PUBLIC_ORIGIN: url,
    CONSOLE_DATA_DIR: join(folder, 'data'),
    CONSOLE_SMTP_URL: `smtp://127.0.0.1:${post.port}`,
    CONSOLE_METRICS_ENABLED: 'false',
    CONSOLE_LOG_LEVEL: 'silent',
    CONSOLE_DRAIN_DELAY: '0s',
  })

  function mailsTo(address: string): SignInMail[] {
    return mails
      .filter(({ to }) => to === address)
      .map(({ text }) => readSignInMail(text))
      .filter((mail) => mail !== null)
  }

  return {
    url,
    greeting: running.greeting,
    async signInMail(to, count) {
      await expect.poll(() => mailsTo(to).length, { timeout: patience }).toBe(count)
      const mail = mailsTo(to).at(-1)
      if (mail === undefined) throw new Error(`there is no mail to ${to}`)
      return mail
    },
    async end() {
      await running.stop()
      await tls()
      await post.end()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What stands before a hosted server: it speaks TLS, and hands everything on as it came. */
async function startTls(port: number, inside: number): Promise<() => Promise<void>> {
  const server = createServer(selfSigned('localhost'), (asked, answer) => {
    const { method, url: path, headers } = asked
    const onward = request({ host: '127.0.0.1', port: inside, method, path, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers)
      answer.flushHeaders()
      answered.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
    asked.pipe(onward)
  })
  server.listen(port, 'localhost')
  await once(server, 'listening')
  return async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
}

/** A mail server that takes whatever comes. */
async function startPost(take: (to: string, text: string) => void) {
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        // Lines that were folded for the way are made whole again (RFC 2045 §6.7).
        const text = Buffer.concat(chunks)
          .toString('utf8')
          .replace(/=\r?\n/g, '')
          .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
        for (const { address } of session.envelope.rcptTo) take(address, text)
        done()
      })
    },
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { port, end: () => new Promise<void>((resolve) => server.close(resolve)) }
}
