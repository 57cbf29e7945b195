import { expect, test } from 'vitest'
import { oneOf, parseSearch, stringifySearch, word, words } from './search-params.ts'
import { safeReturnTo } from './sign-in-redirect.ts'

test('search parameters survive the way into the URL and back', () => {
  const search = { at: '12', filter: ['tool:run tests', 'outcome:fail'], q: 'a&b=c' }
  expect(stringifySearch({ ...search, cursor: undefined, product: '' })).toBe(
    '?at=12&filter=tool%3Arun+tests&filter=outcome%3Afail&q=a%26b%3Dc',
  )
  expect(parseSearch(stringifySearch(search))).toEqual(search)
})

test('search parameters of the wrong shape count as absent', () => {
  expect([word(undefined), word(''), word(['a']), word('a')]).toEqual([undefined, undefined, undefined, 'a'])
  expect([words('a'), words(['a', '']), words(undefined)]).toEqual([['a'], ['a'], undefined])
  expect([oneOf('cost', ['cost', 'value']), oneOf('x', ['cost'])]).toEqual(['cost', undefined])
})

test('signing in never leads out of the console', () => {
  expect(safeReturnTo('/console/board?product=flow')).toBe('/console/board?product=flow')
  for (const bad of [
    undefined,
    'https://evil.example',
    '//evil.example',
    '/records',
    '/console/sign-in?returnTo=x',
    '/console/claim',
    '/console/\\evil.example',
    `/console/${'x'.repeat(3_000)}`,
  ]) {
    expect(safeReturnTo(bad)).toBe('/console/')
  }
})
