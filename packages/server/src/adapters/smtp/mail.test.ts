import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import { expect, it } from 'vitest'
import { mailSuite } from '../../ports/mail.suite.ts'
import { MailLost, MailRefused, type Message } from '../../ports/mail.ts'
import { smtpMail } from './mail.ts'

const from = 'Quarterdeck <console@example.com>'

/** The bytes that quoted-printable text stands for (RFC 2045 §6.7), as UTF-8. */
const unquoted = (text: string) =>
  Buffer.from(
    text
      .replace(/=\r?\n/g, '')
      .replace(/=([\dA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')

/** A header's text without its encoded words (RFC 2047). */
function decoded(header: string): string {
  return header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
      kind.toLowerCase() === 'q'
        ? unquoted(text.replaceAll('_', ' '))
        : Buffer.from(text, 'base64').toString('utf8'),
    )
}

/** What a message on the wire says. */
function read(raw: string, to: string): Message & { headers: string } {
  const end = raw.indexOf('\r\n\r\n')
  const headers = raw.slice(0, end).replace(/\r\n[ \t]+/g, ' ')
  const subject = decoded(/^subject: (.*)$/im.exec(headers)?.[1] ?? '')
  const encoding = /^content-transfer-encoding: (.*)$/im.exec(headers)?.[1] ?? '7bit'
  const body = raw.slice(end + 4)
  const text =
    encoding === 'base64'
      ? Buffer.from(body, 'base64').toString('utf8')
      : encoding === 'quoted-printable'
        ? unquoted(body)
        : body
  return { to, subject, text: text.replaceAll('\r\n', '\n'), headers }
}

/** A mail server on loopback that refuses `nobody@` for good and `later@` for now. */
async function serverAt(options: { port?: number; password?: string } = {}) {
  const { port = 0, password } = options
  const arrived: ReturnType<typeof read>[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', ...(password === undefined ? ['AUTH'] : [])],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth(auth, _, done) {
      if (auth.password === password) done(null, { user: 'console' })
      else done(new Error('no'))
    },
    onRcptTo({ address }, _, done) {
      const status = address.startsWith('nobody') ? 550 : address.startsWith('later') ? 450 : null
      done(status === null ? null : Object.assign(new Error('no'), { responseCode: status }))
    },
    onData(stream, session, done) {
      let raw = ''
      stream.setEncoding('latin1')
      stream.on('data', (part: string) => {
        raw += part
      })
      stream.on('end', () => {
        for (const { address } of session.envelope.rcptTo) arrived.push(read(raw, address))
        done(null)
      })
    },
  })
  server.on('error', () => undefined)
  const listening = server.listen(port, '127.0.0.1')
  await once(listening, 'listening')
  const address = listening.address()
  const bound = typeof address === 'object' && address !== null ? address.port : 0
  return { arrived, port: bound, close: () => new Promise<void>((resolve) => server.close(resolve)) }
}

const suiteStand = async () => {
  let server = await serverAt()
  const { port } = server
  const before: Message[] = []
  return {
    open: async () => smtpMail({ url: `smtp://127.0.0.1:${port}`, from, timeoutMs: 2_000 }),
    arrived: async () =>
      [...before, ...server.arrived].map(({ to, subject, text }) => ({ to, subject, text })),
    lose: async () => {
      before.push(...server.arrived)
      await server.close()
    },
    find: async () => {
      server = await serverAt({ port })
    },
    dispose: () => server.close(),
  }
}
mailSuite('smtp', suiteStand, { refused: 'nobody@example.com' })

it('says who sends it, to one reader, and that no person wrote it', async () => {
  const server = await serverAt()
  const mail = smtpMail({ url: `smtp://127.0.0.1:${server.port}`, from })
  await mail.send({ to: 'ann@example.com', subject: 'Hello', text: 'x' })
  const { headers = '' } = server.arrived[0] ?? {}
  expect(headers).toMatch(/^from: Quarterdeck <console@example\.com>$/im)
  expect(headers).toMatch(/^to: ann@example\.com$/im)
  expect(headers).toMatch(/^auto-submitted: auto-generated$/im)
  await mail.close()
  await server.close()
})

it('takes a refusal for now, and one of its own credentials, for a server that is away', async () => {
  const server = await serverAt({ password: 'right' })
  const by = (password: string) =>
    smtpMail({ url: `smtp://console:${password}@127.0.0.1:${server.port}`, from, timeoutMs: 2_000 })
  const message = { to: 'ann@example.com', subject: 'Hello', text: 'x' }
  await by('right').send(message)
  expect(server.arrived.length).toBe(1)
  await expect(by('wrong').send(message)).rejects.toThrow(MailLost)
  await expect(by('wrong').check()).rejects.toThrow(MailLost)
  await expect(by('right').send({ ...message, to: 'later@example.com' })).rejects.toThrow(MailLost)
  await expect(by('right').send({ ...message, to: 'nobody@example.com' })).rejects.toThrow(MailRefused)
  await server.close()
})

it('gives up on a server that takes the connection and says nothing', async () => {
  const silent: Server = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const mail = smtpMail({ url: `smtp://127.0.0.1:${port}`, from, timeoutMs: 50 })
  const sent = mail.send({ to: 'ann@example.com', subject: 'Hello', text: 'x' }).then(
    () => 'sent',
    (error: Error) => error.name,
  )
  expect(await Promise.race([sent, pause(30_000, 'hangs', { ref: false })])).toBe('MailLost')
  silent.close()
})
