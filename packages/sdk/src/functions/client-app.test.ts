import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { backend, http, perms } from '../functions.ts'
import type { AnswerOf, ArgsOf, ClientApp, FunctionNames, RawAnswer } from './client-app.ts'

const rich = backend(
  { args: [z.string(), z.date(), z.number().optional()], perm: perms.RW_ },
  async (_ctx, title, due, count) => ({
    title,
    due,
    big: 1n,
    bytes: new Uint8Array(),
    list: [due],
    maybe: count,
    inner: { at: null as Date | null },
    run: () => 1,
  }),
)
const quiet = backend({ perm: perms.RW_ }, async () => {})
const raw = backend({ perm: perms.R__ }, async () => (Math.random() > 1 ? http(204) : [1]))
const checked = backend({ perm: perms.R__, args: [z.string().default('a')], result: z.number() }, () => 1)
const modules = { rich, quiet, raw, checked, limit: 5 }

describe('the types of a client', () => {
  test('are arguments as they are written, and answers as they arrive', () => {
    expectTypeOf<ArgsOf<typeof rich>>().toEqualTypeOf<[string, Date, (number | undefined)?]>()
    expectTypeOf<ArgsOf<typeof quiet>>().toEqualTypeOf<[]>()
    expectTypeOf<ArgsOf<typeof checked>>().toEqualTypeOf<[(string | undefined)?]>()
    expectTypeOf<AnswerOf<typeof checked>>().toEqualTypeOf<number>()
    expectTypeOf<AnswerOf<typeof quiet>>().toEqualTypeOf<undefined>()
    expectTypeOf<AnswerOf<typeof raw>>().toEqualTypeOf<RawAnswer | number[]>()
    expectTypeOf<AnswerOf<typeof rich>>().branded.toEqualTypeOf<{
      title: string
      due: string
      big: string
      bytes: string
      list: string[]
      maybe?: number
      inner: { at: string | null }
    }>()
  })

  test('know the functions among what modules export', () => {
    expectTypeOf<FunctionNames<typeof modules>>().toEqualTypeOf<'rich' | 'quiet' | 'raw' | 'checked'>()
    expectTypeOf<NonNullable<ClientApp<typeof modules>['types']>['live']>().toEqualTypeOf<
      'rich' | 'quiet' | 'raw' | 'checked'
    >()
  })
})
