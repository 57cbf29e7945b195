import { expect, it } from 'vitest'
import { rateLimited, rateLimitHeaders } from './limit-headers.ts'

const verdict = {
  admitted: true,
  limit: { count: 10, windowMs: 60_000 },
  remaining: 4,
  resetSeconds: 12,
  retryAfterSeconds: 0,
  local: false,
}
const refused = { ...verdict, admitted: false, remaining: 0, resetSeconds: 17, retryAfterSeconds: 17 }
const never = { ...refused, retryAfterSeconds: Number.POSITIVE_INFINITY }

it('names the limit, what is left of it, and when to come again', () => {
  expect(rateLimitHeaders('chat', verdict)).toEqual({
    'RateLimit-Policy': '"chat";q=10;w=60',
    RateLimit: '"chat";r=4;t=12',
  })
  expect(rateLimitHeaders('chat', refused)).toEqual({
    'RateLimit-Policy': '"chat";q=10;w=60',
    RateLimit: '"chat";r=0;t=17',
    'Retry-After': '17',
  })
})

it('refuses with the limit and the seconds to wait', () => {
  const fault = rateLimited('chat', refused)
  expect([fault.code, fault.status, fault.members]).toEqual([
    'rate_limited',
    429,
    { retryAfter: 17, limit: 'chat' },
  ])
})

it('names no time where no waiting helps', () => {
  expect(rateLimitHeaders('chat', never)).not.toHaveProperty('Retry-After')
  expect(rateLimited('chat', never)).toMatchObject({
    message: 'At most 10 pass at once',
    members: { limit: 'chat' },
  })
})
