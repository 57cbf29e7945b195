import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

test('so many run at a time, in the order they came, and one that fails gives its turn on', async () => {
  const inTurn = createTurns(2)
  const began: number[] = []
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
  const all = ends.map(({ promise }, at) =>
    inTurn(() => {
      began.push(at)
      return promise
    }).catch(() => 'failed'),
  )
  expect(began).toEqual([0, 1])
  ends[1]?.reject(new Error('no'))
  expect(await all[1]).toBe('failed')
  expect(began).toEqual([0, 1, 2])
  for (const { resolve } of ends) resolve()
  await Promise.all(all)
  expect(began).toEqual([0, 1, 2, 3])
})
