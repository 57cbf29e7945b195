const mark = Symbol.for('quarterdeck.http')

/** An answer that a function gives as it is, instead of `{ "result": … }`. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** Whether an answer can have this status. */
export const isAnswerStatus = (status: unknown): boolean =>
  Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599

/** Answers raw: status 200 to 599, a body as text or bytes, and headers, of which `set-cookie` is never sent. */
export function http(
  status: number,
  body: string | Uint8Array = '',
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  if (!isAnswerStatus(status)) throw new TypeError('a status is 200 to 599')
  return Object.freeze({ [mark]: true, status, body, headers })
}

/** Whether a function's result is such an answer, whichever copy of this module made it. */
export function isHttp(value: unknown): value is HttpAnswer {
  return typeof value === 'object' && value !== null && mark in value
}
