import { type Code, codes, Fault, Problem } from '../errors.ts'
import { retryAfterMs } from './retry-after.ts'

const byStatus: Readonly<Record<number, Code>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  409: 'write_conflict',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  422: 'invalid',
  429: 'rate_limited',
  502: 'dependency_unavailable',
  503: 'dependency_unavailable',
  504: 'deadline_exceeded',
}

/**
 * The fault that a refusing answer tells. A code this build does not know becomes the nearest one of its status, and
 * stays readable in `members.code`. `members.httpStatus` is the status as sent, `retryAfterMs` the wait asked for.
 */
export async function faultOf(response: Response, now: number): Promise<Fault> {
  const problem = Problem.safeParse(await response.json().catch(() => undefined))
  const wait = retryAfterMs(response.headers.get('retry-after'), now)
  const seen = { httpStatus: response.status, ...(wait === undefined ? {} : { retryAfterMs: wait }) }
  const nearest = byStatus[response.status] ?? 'internal'
  if (!problem.success) {
    return new Fault(nearest, `The server answered ${response.status} ${response.statusText}`.trim(), {
      members: seen,
    })
  }
  const { type: _type, title, status: _status, detail, code, issues, ...members } = problem.data
  const known = isCode(code)
  return new Fault(known ? code : nearest, detail ?? title, {
    members: { ...members, ...seen, ...(known ? {} : { code }) },
    ...(issues === undefined ? {} : { issues }),
  })
}

function isCode(code: string): code is Code {
  return Object.hasOwn(codes, code)
}
