import { randomUUID } from 'node:crypto'
import { app, backend, fault, http, perms, table } from '@quarterdeck/sdk/functions'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import type { Tracer } from '../../../core/tracer.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { member, runtimeOf, standingClock, tableIn } from '../runtime.test-kit.ts'

const everything = { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } }
const ann = member('ann', 'member')
const nobody = { tenant: 't', principal: 'anonymous', groups: ['anonymous'], class: 'anonymous' } as const

const notes = table('notes', {
  schema: z.object({ text: z.string(), state: z.enum(['open', 'done']).default('open') }),
  rows: 'shared',
  indexes: { byState: { on: ['state', 'text'] } },
})

type Functions = Parameters<typeof loadedAppOf>[0]['functions']

function start(functions: Functions, more: Parameters<typeof runtimeOf>[2] = {}) {
  const clock = more.clock ?? standingClock()
  const engines = {
    tables: memoryTables({ now: clock.now, randomId: randomUUID }),
    keep: memoryKeep({ now: clock.now }),
  }
  const groups = { member: everything, reader: { endpoints: { '*': perms.R__ } }, half: {} }
  const loaded = loadedAppOf({ app: app({ groups }), tables: [notes], functions })
  return runtimeOf(loaded, engines, { ...more, clock })
}

const add = backend({ args: [z.string()], perm: perms._W_ }, (ctx, text) =>
  tableIn(ctx, 'notes').push({ text }),
)
const open = backend(
  { perm: perms.R__ },
  async (ctx) => (await tableIn(ctx, 'notes').query({ where: { state: 'open' } })).rows,
)

describe('a call', () => {
  it('gives what the function gives, in one transaction, and is recorded and counted', async () => {
    const { tell, call, records, counts } = start({ add, open })
    const { answer, number } = await call(ann, 'add', ['a'], { traceId: 'trace' })
    expect(number).toBe(1)
    const id = (answer as { result: string }).result
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(await tell(ann, 'open')).toEqual([{ id, text: 'a', state: 'open' }])
    expect(records[0]).toEqual({
      tenant: 't',
      fn: 'add',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      at: 1_700_000_000_000,
      ms: 0,
      outcome: 'ok',
      code: null,
      principal: 'ann',
      number: 1,
      traceId: 'trace',
      requestId: 'r',
    })
    expect(Object.fromEntries(counts)).toMatchObject({
      'function_calls_total add ok': 1,
      'function_calls_total open ok': 1,
      'function_seconds add': 1,
      'tables_commits_total committed': 1,
    })
  })

  it('answers nothing for nothing, and what the function answers itself as it is', async () => {
    const { call } = start({
      nothing: backend({ perm: perms.R__ }, () => undefined),
      page: backend({ perm: perms.R__ }, () => http(201, '<b>', { 'Content-Type': 'text/html' })),
      bytes: backend({ perm: perms.R__ }, () => http(200, new Uint8Array([1, 255]))),
    })
    expect((await call(ann, 'nothing')).answer).toEqual({})
    expect((await call(ann, 'page')).answer).toEqual({
      http: { status: 201, body: '<b>', headers: { 'Content-Type': 'text/html' } },
    })
    expect((await call(ann, 'bytes')).answer).toEqual({
      http: { status: 200, body: new Uint8Array([1, 255]), headers: {} },
    })
  })

  it('carries bigints, dates and bytes both ways', async () => {
    const given = ['12345678901234567890', '2026-01-02T03:04:05.000Z', 'AQL_', ['2026-01-02T03:04:05Z']]
    const seen: unknown[] = []
    const { tell } = start({
      rich: backend(
        {
          args: [z.bigint(), z.date(), z.instanceof(Uint8Array), z.array(z.coerce.date())],
          perm: perms.R__,
        },
        (_ctx, ...args) => {
          seen.push(...args)
          return { deep: args }
        },
      ),
    })
    expect(await tell(ann, 'rich', given)).toEqual({
      deep: [given[0], given[1], given[2], ['2026-01-02T03:04:05.000Z']],
    })
    expect(seen).toEqual([
      12345678901234567890n,
      new Date('2026-01-02T03:04:05Z'),
      new Uint8Array([1, 2, 255]),
      [new Date('2026-01-02T03:04:05Z')],
    ])
  })

  it('takes the arguments that its schemas take, by place, and no more', async () => {
    const { call, tell } = start({
      two: backend({ args: [z.string(), z.number().default(7)], perm: perms.R__ }, (_ctx, ...args) => args),
      none: backend({ perm: perms.R__ }, () => 'none'),
      waits: backend(
        { args: [z.string().refine(async (text) => text === 'yes')], perm: perms.R__ },
        (_ctx, text) => text,
      ),
    })
    expect(await tell(ann, 'two', ['a'])).toEqual(['a', 7])
    expect(await tell(ann, 'none', [])).toBe('none')
    expect(await tell(ann, 'waits', ['yes'])).toBe('yes')
    const issuesOf = (fn: string, args: unknown[]) =>
      call(ann, fn, args).catch((error) => [
        error.code,
        error.issues.map(({ path }: { path: unknown }) => path),
      ])
    expect(await issuesOf('two', [17])).toEqual(['invalid', [[0]]])
    expect(await issuesOf('two', ['a', 'b', 'c'])).toEqual(['invalid', [[2]]])
    expect(await issuesOf('none', [null])).toEqual(['invalid', [[0]]])
    expect(await issuesOf('two', [])).toEqual(['invalid', [[0]]])
    expect(await issuesOf('waits', ['no'])).toEqual(['invalid', [[0]]])
  })

  it('shows the faults that the function throws, and nothing of anything else', async () => {
    const { tell, call, logged, records } = start({
      gone: backend({ perm: perms.R__ }, () => {
        throw fault('not_found', 'No such ticket')
      }),
      broken: backend({ args: [z.string()], perm: perms.R__ }, (_ctx, secret) => {
        throw new TypeError(`broken by ${secret}`)
      }),
      odd: backend({ perm: perms.R__ }, () => {
        throw 'text'
      }),
    })
    await expect(call(ann, 'gone')).rejects.toMatchObject({ code: 'not_found', message: 'No such ticket' })
    await expect(call(ann, 'broken', ['hunter2'])).rejects.toMatchObject({
      code: 'internal',
      message: 'Something failed inside',
    })
    expect(await tell(ann, 'odd')).toBe('internal')
    expect(JSON.stringify(logged)).toContain('TypeError')
    expect(JSON.stringify(logged)).not.toContain('hunter2')
    expect(records.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual([
      'refused not_found',
      'failed internal',
      'failed internal',
    ])
  })

  it('is checked against the schema of its result before it commits, and against 4 MiB', async () => {
    const { tell, call } = start({
      wrong: backend({ result: z.string(), perm: perms._W_ }, async (ctx) => {
        await tableIn(ctx, 'notes').push({ text: 'never' })
        return 5 as unknown as string
      }),
      slim: backend({ result: z.object({ a: z.number() }), perm: perms.R__ }, () => ({ a: 1, secret: 2 })),
      long: backend({ args: [z.number()], perm: perms._W_ }, async (ctx, length) => {
        await tableIn(ctx, 'notes').push({ text: 'long' })
        return 'x'.repeat(length)
      }),
      round: backend({ perm: perms.R__ }, () => {
        const round: Record<string, unknown> = {}
        round.again = round
        return round
      }),
      open,
    })
    await expect(call(ann, 'wrong')).rejects.toMatchObject({ code: 'result_invalid', issues: [] })
    expect(await tell(ann, 'slim')).toEqual({ a: 1 })
    expect(await tell(ann, 'long', [4 * 1024 * 1024 - 1])).toBe('result_invalid')
    expect(await tell(ann, 'round')).toBe('result_invalid')
    expect(await tell(ann, 'open')).toEqual([])
    expect(await tell(ann, 'long', [4 * 1024 * 1024 - 2])).toHaveLength(4 * 1024 * 1024 - 2)
  })

  it('is told in spans: begin, handler, commit', async () => {
    const spans: string[] = []
    const tracer: Tracer = {
      async span(name, attributes, run) {
        spans.push(`${name} ${attributes['quarterdeck.function']}`)
        return run({ set() {} })
      },
    }
    const { tell } = start({ add, open }, { tracer })
    await tell(ann, 'add', ['a'])
    await tell(ann, 'open')
    expect(spans).toEqual(['begin add', 'handler add', 'commit add', 'begin open', 'handler open'])
  })

  it('never answers from a store that is away', async () => {
    const clock = standingClock()
    const tables = memoryTables({ now: clock.now, randomId: randomUUID })
    const loaded = loadedAppOf({
      app: app({ groups: { member: everything } }),
      tables: [notes],
      functions: { add, open },
    })
    const { tell, records } = runtimeOf(loaded, { tables, keep: memoryKeep({ now: clock.now }) }, { clock })
    await tell(ann, 'open')
    await tables.close()
    expect(await tell(ann, 'open')).toBe('dependency_unavailable')
    expect(await tell(ann, 'add', ['x'])).toBe('dependency_unavailable')
    expect(await tell(ann, 'add', ['x'], { idempotencyKey: 'k' })).toBe('dependency_unavailable')
    expect(records.at(-1)?.outcome).toBe('failed')
  })

  it('drops what a function wrote that throws', async () => {
    const { tell } = start({
      half: backend({ perm: perms._W_ }, async (ctx) => {
        await tableIn(ctx, 'notes').push({ text: 'half' })
        throw fault('invalid')
      }),
      open,
    })
    expect(await tell(ann, 'half')).toBe('invalid')
    expect(await tell(ann, 'open')).toEqual([])
  })
})

describe('who may call', () => {
  const functions = {
    add,
    open,
    club: backend({ perm: perms.R__, ugroup: 'club' }, () => 'club'),
    all: backend({ perm: perms.RWX }, () => 'all'),
    inner: backend({ perm: perms.R__, internal: true }, () => 'inner'),
    nightly: backend({ perm: perms.R__, cron: '0 0 * * *' }, () => 'nightly'),
  }

  it('is who holds all bits and is in the group; of what is not there nobody learns more', async () => {
    const { tell, records } = start(functions)
    expect(await tell(ann, 'all')).toBe('all')
    expect(await tell(member('bob', 'reader'), 'all')).toBe('forbidden')
    expect(await tell(member('bob', 'reader'), 'club')).toBe('forbidden')
    expect(await tell(member('bob', 'reader', 'club'), 'club')).toBe('club')
    expect(await tell(nobody, 'open')).toBe('unauthenticated')
    for (const fn of ['absent', 'inner', 'nightly', 'constructor', '__proto__'])
      expect(await tell(ann, fn)).toBe('not_found')
    expect(new Set(records.map(({ fn }) => fn))).toEqual(new Set(['all', 'club', 'open']))
  })

  it('lets gates look and never act', async () => {
    const gate = { tenant: 't', principal: 'g', groups: ['member'], class: 'gate' } as const
    const { tell } = start(functions)
    expect(await tell(gate, 'open')).toEqual([])
    expect(await tell(gate, 'add', ['x'])).toBe('forbidden')
  })

  it('switches functions off that write, after they were found and before rights are told', async () => {
    const { tell } = start(functions, { switchedOff: (area) => area === 'functions' })
    expect(await tell(ann, 'add', ['x'])).toBe('switched_off')
    expect(await tell(nobody, 'add', ['x'])).toBe('switched_off')
    expect(await tell(ann, 'absent')).toBe('not_found')
    expect(await tell(ann, 'open')).toEqual([])
  })

  it('finds nothing without an app', async () => {
    const { now } = standingClock()
    const engines = { tables: memoryTables({ now, randomId: randomUUID }), keep: memoryKeep({ now }) }
    expect(await runtimeOf(null, engines).tell(ann, 'open')).toBe('not_found')
  })
})

describe('tables of a tenant', () => {
  it('are made at its first call, and in hosted mode only by migrating', async () => {
    const clock = standingClock()
    const tables = memoryTables({ now: clock.now, randomId: randomUUID })
    const engines = { tables, keep: memoryKeep({ now: clock.now }) }
    const loaded = loadedAppOf({
      app: app({ groups: { member: everything } }),
      tables: [notes],
      functions: { add },
    })
    const hosted = runtimeOf(loaded, engines, { clock, hosted: true })
    expect(await hosted.tell(ann, 'add', ['x'])).toBe('not_migrated')
    expect(await runtimeOf(loaded, engines, { clock }).tell(ann, 'add', ['x'])).toMatch(/-/)
    expect((await tables.permissions('t')).get('notes')).toBe(7)
    clock.pass(1_000)
    expect(await hosted.tell(ann, 'add', ['x'])).toMatch(/-/)
  })
})

describe('the past', () => {
  it('is run by functions that do not write', async () => {
    const { tell } = start({ add, open })
    await tell(ann, 'add', ['a'])
    await tell(ann, 'add', ['b'])
    expect(await tell(ann, 'open', [], { asOf: 1 })).toMatchObject([{ text: 'a' }])
    expect(await tell(ann, 'open', [], { asOf: 0 })).toEqual([])
    expect(await tell(ann, 'open', [], { asOf: 3 })).toBe('invalid')
    expect(await tell(ann, 'add', ['c'], { asOf: 1 })).toBe('invalid')
  })
})
