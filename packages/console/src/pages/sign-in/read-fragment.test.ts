import { expect, test } from 'vitest'
import { readFragment } from './read-fragment.ts'

test("a mail's link and a local ticket are told apart, and nothing else is sent anywhere", () => {
  const token = 'Zk3-_wq0Vb'.repeat(4)
  expect(readFragment(`#${token}`)).toEqual({ kind: 'link', token })
  expect(readFragment('#ticket=abc-123')).toEqual({ kind: 'ticket', ticket: 'abc-123' })
  for (const none of ['', '#', '#ticket=', '#main', '#a=b', `#${token}?x=1`, `#${'x'.repeat(300)}`])
    expect(readFragment(none), none).toBeNull()
})
