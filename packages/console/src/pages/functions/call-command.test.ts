import { expect, test } from 'vitest'
import { callCommand, easiest } from './call-command.ts'
import type { FunctionItem } from './functions-query.ts'

const fn = (name: string, more: Partial<FunctionItem> = {}): FunctionItem => ({
  name,
  hash: '',
  file: '',
  perm: 4,
  ugroup: null,
  egroup: 'desk',
  isolation: 'snapshot',
  retry: 3,
  deadlineMs: 10_000,
  live: false,
  internal: false,
  cron: null,
  elevate: {},
  args: [],
  result: null,
  broken: null,
  calls: 0,
  rate: 0,
  p50: null,
  p95: null,
  errorShare: null,
  ...more,
})

test('the function shown first is one that reads and that anybody can reach', () => {
  const board = fn('board', { args: [{ type: 'string' }] })
  const all = [fn('purge', { perm: 7 }), fn('open', { perm: 2 }), fn('total', { internal: true }), board]
  expect(easiest(all)).toBe(board)
  expect(easiest([fn('total', { internal: true })])).toBeUndefined()
})

test('the command calls it with arguments of its schemas, and its quotes hold', () => {
  const command = callCommand(fn('open', { args: [{ const: "it's" }, { type: 'integer' }] }), 'http://here')
  expect(command).toContain('curl -sS http://here/rpc/open \\')
  expect(command).toContain(`-d '["it'\\''s",1]'`)
  expect(command).toContain('$QUARTERDECK_TOKEN')
})
