import { expect, test } from 'vitest'
import { coalesce } from './coalesce.ts'

test('who asks while one asking is under way hears of the next one, which all of them share', async () => {
  const asked: PromiseWithResolvers<number>[] = []
  const ask = coalesce(() => {
    const one = Promise.withResolvers<number>()
    asked.push(one)
    return one.promise
  })
  const first = ask()
  const later = [ask(), ask()]
  expect(asked).toHaveLength(1)
  asked[0]?.reject(new Error('away'))
  await expect(first).rejects.toThrow('away')
  await Promise.resolve()
  expect(asked).toHaveLength(2)
  asked[1]?.resolve(2)
  expect(await Promise.all(later)).toEqual([2, 2])
  const last = ask()
  asked[2]?.resolve(3)
  expect(await last).toBe(3)
})
