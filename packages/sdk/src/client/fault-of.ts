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
  const wait = retryAfterMs(response.headers.get('retry-after'), now)
  const seen = { httpStatus: response.status, ...(wait === undefined ? {} : { retryAfterMs: wait }) }
  const told = faultOfProblem(await response.json().catch(() => undefined), seen)
  if (told !== null) return told
  const nearest = byStatus[response.status] ?? 'internal'
  return new Fault(nearest, `The server answered ${response.status} ${response.statusText}`.trim(), {
    members: seen,
  })
}

/** The fault that a problem document tells; null when it is none. */
export function faultOfProblem(
  document: unknown,
  seen: Readonly<Record<string, unknown>> = {},
): Fault | null {
  const problem = Problem.safeParse(document)
  if (!problem.success) return null
  const { type: _type, title, status, detail, code, issues, ...members } = problem.data
  const known = isCode(code)
  return new Fault(
    known ? code : (byStatus[Number(seen.httpStatus ?? status)] ?? 'internal'),
    detail ?? title,
    {
      members: { ...members, ...seen, ...(known ? {} : { code }) },
      ...(issues === undefined ? {} : { issues }),
    },
  )
}

function isCode(code: string): code is Code {
  return Object.hasOwn(codes, code)
}
