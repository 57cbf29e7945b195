import { expect, test } from 'vitest'
import { createStreamPlaces } from './stream-places.ts'

const ada = { tenant: 't', class: 'operator', principal: 'ada' } as const
const nobody = { tenant: 't', class: 'anonymous', principal: 'anonymous' } as const

test('a principal has its places wherever it calls from, and one that is given back is free', () => {
  const take = createStreamPlaces(2)
  const rise = take(ada, '192.0.2.1')
  take(ada, '192.0.2.2')
  expect(() => take(ada, '192.0.2.3')).toThrow(expect.objectContaining({ code: 'too_many_streams' }))
  take({ ...ada, class: 'user' }, '192.0.2.1')
  rise()
  rise()
  take(ada, '192.0.2.1')
  expect(() => take(ada, '192.0.2.1')).toThrow()
})

test('callers without a credential have theirs by address, and hold nobody else off', () => {
  const take = createStreamPlaces(1)
  take(nobody, '192.0.2.1')
  expect(() => take(nobody, '::ffff:192.0.2.1')).toThrow()
  take(nobody, '192.0.2.2')
  take(nobody, '2001:db8::1')
  expect(() => take(nobody, '2001:db8::2')).toThrow()
  take(ada, '192.0.2.1')
})
