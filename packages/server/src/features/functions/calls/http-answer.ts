import { fault } from '@quarterdeck/sdk/errors'
import { type HttpAnswer, isAnswerStatus } from '@quarterdeck/sdk/functions/http'

// What a header may hold (RFC 9110, 5.1 and 5.5); a line break in one would begin another.
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * An answer of a function's own as it can be sent. Throws `result_invalid` for one that cannot: once its call is
 * committed it would be too late to say so.
 */
export function httpAnswerOf({ status, headers, body }: HttpAnswer): HttpAnswer {
  if (!isAnswerStatus(status)) throw invalid('status')
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) throw invalid('body')
  if (typeof headers !== 'object' || headers === null) throw invalid('headers')
  const sent = { ...headers }
  for (const [name, value] of Object.entries<unknown>(sent))
    if (!headerName.test(name) || typeof value !== 'string' || !headerValue.test(value))
      throw invalid('headers')
  return { status, headers: sent, body }
}

const invalid = (part: string) =>
  fault('result_invalid', `The ${part} of the function’s answer cannot be sent`)
