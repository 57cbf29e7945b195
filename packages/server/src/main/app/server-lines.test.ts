import { expect, it } from 'vitest'
import { createServerLines } from './server-lines.ts'

const time = new Date(2026, 10, 21, 9, 5, 7).getTime()
const logged = (fields: object) =>
  JSON.stringify({ level: 50, time, msg: 'a function failed', service: 'desk', ...fields })

it('says failures by the places in the app that they came from', () => {
  const linesOf = createServerLines('/desk')
  const own = 'at close (file:///desk/functions/tickets.ts:12:9)'
  const others = 'at run (/srv/server.js:1:2) at /desk/node_modules/zod/index.js:3:4'
  expect(linesOf(logged({ function: 'close', error: 'TypeError', at: `${own} ${others}` }))).toEqual([
    '09:05:07 error  close: a function failed  error=TypeError',
    '      at close, functions/tickets.ts:12:9',
  ])
  // Where none of it is the app's, all of it is told.
  expect(linesOf(logged({ cause: 'Error: away\n    at run (/srv/server.js:1:2)' }))).toEqual([
    '09:05:07 error  a function failed',
    '    Error: away',
    '        at run (/srv/server.js:1:2)',
  ])
})

it('says other lines as they are, each once however often the server starts', () => {
  const linesOf = createServerLines('/desk')
  expect(linesOf('console  http://127.0.0.1:1')).toEqual(['console  http://127.0.0.1:1'])
  expect(linesOf('console  http://127.0.0.1:1')).toEqual([])
  expect(linesOf('{ no JSON')).toEqual(['{ no JSON'])
  expect(linesOf('{"level":30}')).toEqual(['{"level":30}'])
  expect(linesOf(JSON.stringify({ level: 30, time, msg: 'listening' }))).toEqual([])
  const limited = JSON.stringify({ level: 40, time, msg: 'slow', ms: 12, what: ['a'] })
  expect(linesOf(limited)).toEqual(['09:05:07 warn  slow  ms=12  what=["a"]'])
  expect(linesOf(limited)).toHaveLength(1)
})
