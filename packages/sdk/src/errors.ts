import { z } from 'zod'

/** Every code a caller can meet, with its HTTP status and what it means. The one table (RFC 9457 problems). */
export const codes = {
  invalid_json: [400, 'The body is not JSON'],
  bad_request: [400, 'The request is not HTTP as it should be'],
  credential_ambiguous: [400, 'Two credentials were sent and they differ'],
  position_ahead: [400, 'The position lies after the end of the log'],
  unauthenticated: [401, 'A valid credential is needed'],
  credential_expired: [401, 'The credential has expired'],
  credential_revoked: [401, 'The credential was revoked'],
  refresh_invalid: [401, 'The refresh token is not valid any more'],
  forbidden: [403, 'The credential lacks the permission'],
  field_forbidden: [403, 'The caller may not see or change this field'],
  tenant_mismatch: [403, 'The tenant named is not the one of the credential'],
  tenant_forbidden: [403, 'The tenant is not served here'],
  producer_not_allowed: [403, 'The credential may not speak for this producer'],
  class_not_accepted: [403, 'This class of credential may not do this'],
  home_only: [403, 'Only the home tenant may do this'],
  origin_not_allowed: [403, 'The origin is not allowed'],
  csrf: [403, 'A write carried by a cookie needs its own origin'],
  proof_required: [403, 'The act needs a proof'],
  proof_invalid: [403, 'The proof does not stand for this act'],
  enrolment_required: [403, 'A second factor must be enrolled first'],
  totp_required: [403, 'The code of the second factor is needed'],
  code_invalid: [403, 'The code is wrong or was used'],
  claim_invalid: [403, 'The claim code is wrong or was used'],
  login_refused: [403, 'The sign-in was refused'],
  scope_exceeded: [403, 'A credential cannot hold what its maker does not hold'],
  not_found: [404, 'There is no such thing'],
  method_not_allowed: [405, 'The method is not allowed here'],
  request_timeout: [408, 'The request did not arrive in time'],
  record_conflict: [409, 'The id is known with other content'],
  write_conflict: [409, 'Another writer was first'],
  session_busy: [409, 'Another call of this session is running'],
  unique_violation: [409, 'The value is taken'],
  idempotency_in_progress: [409, 'The same request is still running'],
  idempotency_spent: [409, 'It was done, and its answer held a secret that is not shown twice'],
  changed_since_shown: [409, 'What would happen is not what was shown'],
  already_claimed: [409, 'There is an owner already'],
  already_operator: [409, 'There is an operator with this address'],
  last_owner: [409, 'One owner must remain'],
  wrong_browser: [409, 'The link was asked for in another browser'],
  frozen: [409, 'The surface is frozen'],
  history_gone: [410, 'That part of the history was pruned'],
  link_spent: [410, 'The link was used, has expired, or had too many wrong codes'],
  body_too_large: [413, 'The body is too large'],
  url_too_long: [414, 'The URL is too long'],
  unsupported_media_type: [415, 'The media type is not supported'],
  wrong_host: [421, 'This host is not served here'],
  invalid: [422, 'The input does not match the contract'],
  document_invalid: [422, 'The document does not match the schema of its table'],
  index_required: [422, 'No index of the table serves this query'],
  transaction_too_large: [422, 'The transaction reads or writes more than one may'],
  secret_in_id: [422, 'An identifying field holds what looks like a secret'],
  too_old: [422, 'The record is older than what is kept'],
  idempotency_mismatch: [422, 'The key was used with other input'],
  rate_limited: [429, 'Too many requests'],
  factor_locked: [429, 'Too many wrong codes; the factor is locked for a while'],
  too_many_streams: [429, 'Too many open streams'],
  headers_too_large: [431, 'The headers are too large'],
  internal: [500, 'Something failed inside'],
  result_invalid: [500, 'The function gave what its schema does not allow'],
  document_shape: [500, 'A stored document does not match the schema of today'],
  not_built: [501, 'This is not built yet'],
  overloaded: [503, 'Too many calls are running and waiting'],
  not_migrated: [503, 'The app has not been migrated for this tenant'],
  not_ready: [503, 'The server is not ready'],
  state_unavailable: [503, 'The state cannot be given now'],
  query_too_slow: [503, 'The query took too long; narrow it'],
  switched_off: [503, 'This area is switched off'],
  dependency_unavailable: [503, 'A service this needs is away'],
  outcome_unknown: [503, 'Whether it was done is not known'],
  audit_unavailable: [503, 'The decision cannot be recorded'],
  draining: [503, 'The server is going down'],
  deadline_exceeded: [504, 'The time allowed ran out'],
} as const satisfies Record<string, readonly [number, string]>

export type Code = keyof typeof codes

/** What is wrong with one part of an input. `path` is a JSON path of keys and indexes. */
export const Issue = z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() })
export type Issue = z.infer<typeof Issue>

/** The body of every failure: RFC 9457 `application/problem+json`. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().optional(),
    code: z.string(),
    requestId: z.string().optional(),
    issues: z.array(Issue).optional(),
  })
  .loose()
export type Problem = z.infer<typeof Problem>

const brand: unique symbol = Symbol.for('quarterdeck.fault')

/** A refusal or failure with a stable code. The only thing the platform throws on purpose. */
export class Fault extends Error {
  /** An app brings a copy of this class with it; its faults are faults all the same. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value
  }
  readonly [brand] = true
  readonly code: Code
  readonly issues: readonly Issue[]
  /** Further members of the problem, for instance `retryAfter` or `whyNot`. */
  readonly members: Readonly<Record<string, unknown>>
  /** The HTTP status: of the code's table, unless this refusal needs another. */
  readonly status: number

  constructor(
    code: Code,
    detail?: string,
    more: {
      issues?: readonly Issue[]
      members?: Record<string, unknown>
      status?: number
      cause?: unknown
    } = {},
  ) {
    super(detail ?? codes[code][1], more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'Fault'
    this.code = code
    this.issues = more.issues ?? []
    this.members = more.members ?? {}
    this.status = more.status ?? codes[code][0]
  }
}

/** A fault with this code, ready to throw. */
export function fault(code: Code, detail?: string, more?: ConstructorParameters<typeof Fault>[2]): Fault {
  return new Fault(code, detail, more)
}

/** The problem document of a fault. Anything that is not a fault becomes `internal` and shows nothing of itself. */
export function problemOf(error: unknown, requestId?: string): Problem {
  const known = error instanceof Fault && error.code in codes ? error : new Fault('internal')
  return {
    ...known.members,
    type: `https://quarterdeck.dev/problems/${known.code}`,
    title: codes[known.code][1],
    status: known.status,
    ...(known.message === codes[known.code][1] ? {} : { detail: known.message }),
    code: known.code,
    ...(requestId === undefined ? {} : { requestId }),
    ...(known.issues.length === 0 ? {} : { issues: [...known.issues] }),
  }
}
