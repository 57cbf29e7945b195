import { join } from 'node:path'
import { type Outbox, outboxMail } from '../adapters/outbox/mail.ts'
import { smtpMail } from '../adapters/smtp/mail.ts'
import type { Config } from '../config/resolve.ts'
import { type Mail, MailRefused } from '../ports/mail.ts'

/** How mail leaves, and where local mode keeps it instead. */
export interface MailWay {
  readonly mail: Mail
  readonly outbox: Outbox | null
}

/** SMTP where it is set; else local mode keeps messages in its data folder, and hosted mode refuses each with a line in the log. */
export function openMail(
  config: Pick<Config, 'mode' | 'smtp' | 'dataDir'>,
  needs: { readonly now: () => number; readonly randomId: () => string },
): MailWay {
  if (config.smtp !== null) return { mail: smtpMail(config.smtp), outbox: null }
  if (config.mode === 'local') {
    const outbox = outboxMail({ folder: join(config.dataDir, 'outbox'), ...needs })
    return { mail: outbox, outbox }
  }
  return { mail: noMail, outbox: null }
}

const noMail: Mail = {
  send: () => Promise.reject(new MailRefused('CONSOLE_SMTP_URL is not set: no mail leaves this server')),
  check: async () => undefined,
  close: async () => undefined,
}
