import type { Actor } from '@quarterdeck/sdk/actor'
import { app, backend, perms } from '@quarterdeck/sdk/functions'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fromHere, type RawAnswer } from '../../../core/perform.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import type { Answer, Runner } from '../runner.ts'
import { callHandlers } from './handlers.ts'

const operator: Actor = {
  tenant: 't',
  principal: 'op',
  class: 'operator',
  permissions: ['functions:run'],
  credential: 'c',
}

function start(answer: Answer = { result: 1 }, number: number | null = 3) {
  const asked: Parameters<Runner['call']>[0][] = []
  const functions = {
    look: backend({ args: [z.string()], perm: perms.R__ }, () => 1),
    purge: backend({ perm: perms.__X }, () => 1),
    inner: backend({ perm: perms.__X, internal: true }, () => 1),
    other: backend({ perm: perms.__X, egroup: 'other' }, () => 1),
  }
  const groups = { operators: { endpoints: { default: perms.RWX } } }
  const loaded = loadedAppOf({ app: app({ groups }), functions })
  let ms = 0
  const made = callHandlers({
    app: () => loaded,
    elapsed: () => (ms += 1.5),
    runner: {
      async call(one) {
        asked.push(one)
        return { answer, number }
      },
    },
  })
  const raw: RawAnswer[] = []
  const call = {
    actor: operator,
    requestId: 'r',
    signal: new AbortController().signal,
    from: fromHere,
    reply: { raw: (one: RawAnswer) => void raw.push(one) },
  }
  return { ...made, call, asked, raw }
}

describe('a call from outside', () => {
  it('brings what stands in its headers, and nothing else decides who calls', async () => {
    const { handlers, call, asked } = start()
    const input = { fn: 'look', args: ['a'] }
    expect(await handlers.call({ ...call, input })).toEqual({ result: 1 })
    const from = { ...fromHere, sessionId: 's', deadlineMs: '250', traceId: 'tr' }
    await handlers.call({ ...call, input, from, idempotencyKey: 'k' })
    const caller = { tenant: 't', principal: 'op', groups: ['operators'], class: 'operator' }
    expect(asked[0]).toEqual({ ...input, caller, requestId: 'r', signal: call.signal })
    expect(asked[1]).toMatchObject({ sessionId: 's', deadlineMs: 250, traceId: 'tr', idempotencyKey: 'k' })
    for (const deadlineMs of ['0', '-1', 'soon', '1.5', ''])
      await expect(
        handlers.call({ ...call, input, from: { ...fromHere, deadlineMs } }),
      ).rejects.toMatchObject({
        code: 'invalid',
        issues: [{ path: ['x-deadline-ms'] }],
      })
  })

  it('is answered as the function answers, and nothing for nothing', async () => {
    const { handlers, call, raw } = start({ http: { status: 201, headers: { a: 'b' }, body: 'x' } })
    expect(await handlers.call({ ...call, input: { fn: 'look', args: [] } })).toEqual({})
    expect(raw).toEqual([{ status: 201, headers: { a: 'b' }, body: 'x' }])
    const nothing = start({})
    expect(await nothing.handlers.call({ ...nothing.call, input: { fn: 'look', args: [] } })).toEqual({})
  })
})

describe('a run by hand', () => {
  it('says what it gave, the number of its commit, and how long it took', async () => {
    const { handlers, call, asked } = start()
    const input = { fn: 'look', args: ['a'], asOf: '2026-01-02T03:04:05Z' }
    expect(await handlers.run({ ...call, input })).toEqual({ result: 1, number: 3, ms: 1.5 })
    expect(asked[0]?.asOf).toEqual(new Date('2026-01-02T03:04:05Z'))
    await handlers.run({ ...call, input: { ...input, asOf: 7 } })
    expect(asked[1]?.asOf).toBe(7)
    const own = start({ http: { status: 200, headers: {}, body: new Uint8Array([1, 255]) } }, null)
    expect(await own.handlers.run({ ...own.call, input: { fn: 'look', args: [] } })).toEqual({
      result: { status: 200, headers: {}, body: 'Af8' },
      ms: 1.5,
    })
  })

  it('of a function that executes shows what is to be proved, to who may run it', () => {
    const { showing, call } = start()
    const show = (fn: string) => showing.run?.({ ...call, input: { fn, args: ['a'] } })
    expect(show('look')).toBeNull()
    expect(show('purge')).toEqual({
      does: 'Runs purge with the arguments shown.',
      word: 'purge',
      fn: 'purge',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      args: ['a'],
    })
    expect(() => show('other')).toThrow(expect.objectContaining({ code: 'forbidden' }))
    for (const fn of ['inner', 'absent'])
      expect(() => show(fn)).toThrow(expect.objectContaining({ code: 'not_found' }))
  })
})
