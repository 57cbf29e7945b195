/** A message to one person, as plain text. */
export interface Message {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Sends messages. */
export interface Mail {
  /** Resolves once it was taken over for delivery; throws `MailRefused` or `MailLost`. */
  send(message: Message): Promise<void>
  /** Throws when the server is away. */
  check(): Promise<void>
  close(): Promise<void>
}

/** The mail server is away for now; another try may do. */
export class MailLost extends Error {
  override readonly name = 'MailLost'
}

/** The mail server will not take this message, now or later. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused'
}
