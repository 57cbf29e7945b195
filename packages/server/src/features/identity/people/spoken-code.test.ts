import { expect, it } from 'vitest'
import { grouped, makeCode, readCode } from './spoken-code.ts'

it('makes a character of every five random bits, and knows the code again however it is typed', () => {
  const bytes = Uint8Array.from([0, 31, 32, 33, 255, 17, 18, 224])
  const code = makeCode(() => bytes, 8)
  expect(code).toBe('0Z01ZHJ0')
  expect(grouped(code, 4)).toBe('0Z01-ZHJ0')
  for (const typed of ['0Z01-ZHJ0', ' 0z01 zhj0 ', 'OzoI–zhjo', 'ozol.ZHJO'])
    expect(readCode(typed)).toBe(code)
})

it('asks for as many random bytes as it has characters', () => {
  const sizes: number[] = []
  makeCode((size) => {
    sizes.push(size)
    return new Uint8Array(size)
  }, 20)
  expect(sizes).toEqual([20])
})
