import { type Fault, fault } from '@quarterdeck/sdk/errors'
import type { Verdict } from './verdict.ts'

/** What an answer says about the limit with least left. */
export interface RateLimitHeaders {
  readonly 'RateLimit-Policy': string
  readonly RateLimit: string
  /** Seconds; of a refusal only, and not where no waiting helps. */
  readonly 'Retry-After'?: string
}

/** The headers of IETF draft-ietf-httpapi-ratelimit-headers for a verdict under a policy of this name. */
export function rateLimitHeaders(name: string, verdict: Verdict): RateLimitHeaders {
  const { limit, remaining, resetSeconds, retryAfterSeconds } = verdict
  return {
    'RateLimit-Policy': `"${name}";q=${limit.count};w=${limit.windowMs / 1_000}`,
    RateLimit: `"${name}";r=${remaining};t=${resetSeconds}`,
    ...(helps(verdict) ? { 'Retry-After': String(retryAfterSeconds) } : {}),
  }
}

/** The refusal of a verdict: `rate_limited` with the limit's name and, where waiting helps, the seconds to wait. */
export function rateLimited(name: string, verdict: Verdict): Fault {
  if (helps(verdict))
    return fault('rate_limited', undefined, {
      members: { retryAfter: verdict.retryAfterSeconds, limit: name },
    })
  const most = `At most ${verdict.limit.count} pass at once`
  return fault('rate_limited', most, { members: { limit: name } })
}

const helps = ({ admitted, retryAfterSeconds }: Verdict) => !admitted && Number.isFinite(retryAfterSeconds)
