import type { Asking } from './asking.ts'

/** How mail is sent. */
export interface MailConfig {
  readonly url: string
  /** `console@example.com`, or `Console <console@example.com>`. */
  readonly from: string
}

/** The mail server of a configuration; null: local mode shows mail in the console, hosted mode sends none. */
export function resolveMail(ask: Asking, publicOrigin: string | null): MailConfig | null {
  const url = ask.text('CONSOLE_SMTP_URL')
  const from = ask.text('CONSOLE_MAIL_FROM')
  if (from !== null && (!/^[^\r\n<>]*<?[^\s<>@]+@[^\s<>@]+>?$/.test(from) || from.length > 320))
    ask.refuse('setting_invalid', 'CONSOLE_MAIL_FROM', 'CONSOLE_MAIL_FROM is not an address')
  if (url === null) return null
  if (!URL.canParse(url) || !/^smtps?:$/.test(new URL(url).protocol) || new URL(url).hostname === '')
    ask.refuse(
      'setting_invalid',
      'CONSOLE_SMTP_URL',
      'CONSOLE_SMTP_URL needs to be an smtp:// or smtps:// URL',
    )
  const host = publicOrigin === null ? 'localhost' : new URL(publicOrigin).hostname
  return { url, from: from ?? `noreply@${host}` }
}
