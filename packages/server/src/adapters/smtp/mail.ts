import { createTransport } from 'nodemailer'
import { type Mail, MailLost, MailRefused } from '../../ports/mail.ts'

/**
 * Sends mail over SMTP, one connection a message. The URL is `smtp://` (STARTTLS where the server offers it; with
 * `?requireTLS=true` never without) or `smtps://`, with user and password where the server wants them.
 */
export function smtpMail(needs: {
  readonly url: string
  /** The sender: an address, or `Name <address>`. */
  readonly from: string
  /** How long the server may be silent, ms; 10,000 unless said. */
  readonly timeoutMs?: number
}): Mail {
  const { url, from, timeoutMs = 10_000 } = needs
  let closed = false
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    // A message names no files and no addresses to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  })

  return {
    async send({ to, subject, text }) {
      if (closed) throw new MailLost('the mail connection is closed')
      try {
        await transport.sendMail({
          from,
          // As a part of its own: a text would be read as a list of addresses.
          to: { name: '', address: to },
          subject,
          text,
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
      } catch (cause) {
        throw isRefusal(cause)
          ? new MailRefused('the mail server refused the message', { cause })
          : new MailLost('the mail server cannot be used', { cause })
      }
    },
    async check() {
      if (closed) throw new MailLost('the mail connection is closed')
      try {
        await transport.verify()
      } catch (cause) {
        throw new MailLost('the mail server cannot be used', { cause })
      }
    },
    async close() {
      closed = true
      transport.close()
    },
  }
}

/**
 * Whether the server said a permanent no (RFC 5321 §4.2.1) to this message. Bad credentials are no judgement of the
 * message: they may be mended while it waits.
 */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('responseCode' in error) || typeof error.responseCode !== 'number')
    return false
  const ofMessage = 'code' in error && (error.code === 'EENVELOPE' || error.code === 'EMESSAGE')
  return ofMessage && error.responseCode >= 500
}
