import { expect, test } from 'vitest'
import { changesBetween } from './changes-between.ts'

test('two versions differ field by field, within objects too', () => {
  const was = { title: 'a', place: { room: 1, floor: 2 }, tags: ['x'], gone: null, same: { a: [1] } }
  const is = { title: 'b', place: { room: 1, floor: 3 }, tags: ['x', 'y'], made: '', same: { a: [1] } }
  expect(changesBetween(was, is)).toEqual([
    { path: 'title', was: 'a', is: 'b' },
    { path: 'place.floor', was: 2, is: 3 },
    { path: 'tags', was: ['x'], is: ['x', 'y'] },
    { path: 'gone', was: null, is: undefined },
    { path: 'made', was: undefined, is: '' },
  ])
})

test('null, what is not there, and a field that takes the place of an object are told apart', () => {
  expect(changesBetween({ a: null }, {})).toEqual([{ path: 'a', was: null, is: undefined }])
  expect(changesBetween({ a: { b: 1 } }, { a: 1 })).toEqual([{ path: 'a', was: { b: 1 }, is: 1 }])
  expect(changesBetween({ toString: 1 }, {})).toEqual([{ path: 'toString', was: 1, is: undefined }])
})
