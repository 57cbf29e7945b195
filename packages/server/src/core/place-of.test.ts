import { expect, it } from 'vitest'
import { placeOf } from './place-of.ts'

it('says where an error was thrown, and nothing of what it says', () => {
  const odd = 'secret\n    at secret (file)\n    at secret'
  for (const error of [new Error('secret'), new RangeError(odd), new Error('')]) {
    expect(placeOf(error)).toMatch(/^at .*place-of\.test/)
    expect(placeOf(error)).not.toContain('secret')
  }
  const renamed = new Error('secret')
  expect(renamed.stack).toContain('secret')
  renamed.message = 'other'
  for (const none of [renamed, 'secret', null, Object.assign(new Error('x'), { stack: 17 })])
    expect(placeOf(none)).toBeUndefined()
})
