import { fault } from '@quarterdeck/sdk/errors'
import { expect, test } from 'vitest'
import { issuesOf, wrongAt } from './issues-of.ts'

const refused = fault('invalid', undefined, {
  issues: [
    { path: [0], message: 'is no text' },
    { path: ['args', 1, 'where', 'room'], message: 'is missing' },
    { path: ['asOf'], message: 'lies ahead' },
  ],
})

test('what is wrong with an argument stands at its field, however its place was written', () => {
  const issues = issuesOf(refused)
  expect(wrongAt(issues, [0], true)).toBe('is no text')
  expect(wrongAt(issues, [1], false)).toBeUndefined()
  expect(wrongAt(issues, [1, 'where', 'room'], true)).toBe('is missing')
  expect(wrongAt(issues, [1], true)).toBe('where: room: is missing')
  expect(issues).toHaveLength(2)
  expect(issuesOf(new Error('else'))).toEqual([])
})
