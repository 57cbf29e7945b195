import { expect, it } from 'vitest'
import { createRecent } from './recent.ts'

it('keeps what was used most recently, as much as fits', () => {
  const recent = createRecent<string>({ most: 6, weigh: (value) => value.length })
  recent.set('a', 'aa')
  recent.set('b', 'bb')
  recent.set('c', 'cc')
  expect(recent.get('a')).toBe('aa')
  recent.set('d', 'dd')
  expect(['a', 'b', 'c', 'd'].map((key) => recent.get(key))).toEqual(['aa', undefined, 'cc', 'dd'])
  recent.set('a', 'aaaa')
  expect(['a', 'c', 'd'].map((key) => recent.get(key))).toEqual(['aaaa', undefined, 'dd'])
  recent.set('e', 'larger than all')
  expect(['a', 'd', 'e'].map((key) => recent.get(key))).toEqual([undefined, undefined, 'larger than all'])
})
