import { fault } from '@quarterdeck/sdk/errors'
import { isHttp } from '@quarterdeck/sdk/functions/http'
import { z } from 'zod'
import { checkJson } from '../../../core/check-json.ts'
import type { Json } from '../../../ports/tables.ts'
import type { Answer } from '../runner.ts'
import { httpAnswerOf } from './http-answer.ts'
import type { Parser } from './parser.ts'
import { isLongerThan, toJson } from './to-json.ts'

const maxResult = 4 * 1024 * 1024

/** What a function's value is as an answer. Throws `result_invalid` for what its schema does not allow, or over 4 MiB. */
export async function answerOf(value: unknown, parse: Parser | null): Promise<Answer> {
  if (isHttp(value)) {
    const http = httpAnswerOf(value)
    if (Buffer.byteLength(http.body) > maxResult) throw tooLong()
    return { http }
  }
  const result = jsonOf(parse === null ? value : await checked(value, parse))
  if (result === undefined) return {}
  if (isLongerThan(result, maxResult)) throw tooLong()
  return { result }
}

/** A value as its schema lets it out. */
export async function checked(value: unknown, parse: Parser): Promise<unknown> {
  const parsed = await parse(value)
  if ('value' in parsed) return parsed.value
  // Which part is wrong is for the log of whoever wrote the function; the caller could read values from it.
  throw fault('result_invalid', undefined, { cause: parsed.issues })
}

function jsonOf(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  try {
    return toJson(value)
  } catch (error) {
    throw fault('result_invalid', 'The result cannot be written as JSON', { cause: error })
  }
}

const tooLong = () => fault('result_invalid', 'The result is longer than 4 MiB')

/** An answer of its own as a value, bytes as base64url: for those who are told of it and not sent it. */
export function shownAnswer(answer: Answer): { readonly result?: unknown } {
  if (!('http' in answer)) return answer
  const { status, headers, body } = answer.http
  return { result: { status, headers, body: textOf(body) } }
}

const textOf = (body: string | Uint8Array) =>
  typeof body === 'string' ? body : Buffer.from(body).toString('base64url')

const StoredAnswer = z.union([
  z.object({
    http: z.object({
      status: z.number(),
      headers: z.record(z.string(), z.string()),
      body: z.string(),
      bytes: z.boolean(),
    }),
  }),
  z.object({ encoded: z.base64url() }),
  z.object({ result: z.unknown().optional() }),
])

/** An answer as it is kept with its commit, for repeats. */
export function storedAnswer(answer: Answer): Json {
  if (!('http' in answer)) return storable(answer)
  const { status, headers, body } = answer.http
  return storable({ http: { status, headers, body: textOf(body), bytes: typeof body !== 'string' } })
}

/** What a document could not hold, an answer may: that is kept as encoded text. */
function storable(answer: object): Json {
  const text = JSON.stringify(answer)
  const plain: Json = JSON.parse(text)
  return checkJson(plain) === null ? plain : { encoded: Buffer.from(text).toString('base64url') }
}

/** The answer that was kept. */
export function answerOfStored(stored: Json): Answer {
  const parsed = StoredAnswer.parse(stored ?? {})
  if ('encoded' in parsed)
    return answerOfStored(JSON.parse(Buffer.from(parsed.encoded, 'base64url').toString('utf8')))
  if (!('http' in parsed)) return 'result' in parsed ? { result: parsed.result } : {}
  const { status, headers, body, bytes } = parsed.http
  return { http: { status, headers, body: bytes ? new Uint8Array(Buffer.from(body, 'base64url')) : body } }
}
