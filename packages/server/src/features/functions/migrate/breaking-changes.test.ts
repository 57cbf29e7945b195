import { table } from '@quarterdeck/sdk/functions/table'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadedAppOf } from '../app.test-kit.ts'
import { breakingChanges, refusedChanges } from './breaking-changes.ts'

type Options = Parameters<typeof table>[1]
const base = {
  title: z.string(),
  note: z.string().optional(),
  by: z.object({ name: z.string() }).optional(),
}

const tablesOf = (shape: z.ZodRawShape, more: Partial<Options> = {}, name = 'tickets') =>
  loadedAppOf({ tables: [table(name, { schema: z.object(shape), ...more })], functions: {} }).manifest.tables

const before = tablesOf(base, { indexes: { byTitle: { on: ['title'] } } })
const indexes = { byTitle: { on: ['title'] } }

describe('the tables of an app against those of before', () => {
  it('may have new tables, indexes and optional fields, new defaults, masks and words', () => {
    const after = [
      ...tablesOf(
        {
          ...base,
          title: z.string().describe('What it is about'),
          more: z.number().optional(),
          state: z.string().default('open'),
          by: z.object({ name: z.string(), mail: z.string().optional() }).optional(),
        },
        { indexes: { renamed: { on: ['title'] }, byMore: { on: ['more'], unique: true } }, permissions: 4 },
      ),
      ...tablesOf({ any: z.string() }, {}, 'others'),
    ]
    expect(breakingChanges(before, after)).toEqual([])
  })

  it.each<[string, z.ZodRawShape, Partial<Options>]>([
    ['tickets.note is gone', { title: base.title, by: base.by }, { indexes }],
    ['tickets.more is new and required', { ...base, more: z.string() }, { indexes }],
    ['tickets.title has another type', { ...base, title: z.number() }, { indexes }],
    ['tickets.title has another type', { ...base, title: z.string().max(3) }, { indexes }],
    ['tickets.note was optional and is not now', { ...base, note: z.string() }, { indexes }],
    ['tickets.title was required and is not now', { ...base, title: z.string().optional() }, { indexes }],
    [
      'tickets.by.mail is new and required',
      { ...base, by: z.object({ name: z.string(), mail: z.string() }).optional() },
      { indexes },
    ],
    ['tickets.by has another type', { ...base, by: z.string().optional() }, { indexes }],
    ['index byTitle of table tickets is gone', base, {}],
    [
      'index byTitle of table tickets is now unique',
      base,
      { indexes: { byTitle: { on: ['title'], unique: true } } },
    ],
    ['rows of table tickets were own and are shared', base, { indexes, rows: 'shared' }],
  ])('break with it when %s', (change, shape, more) => {
    expect(breakingChanges(before, tablesOf(shape, more))).toEqual([change])
  })

  it('break with it when a table is gone', () => {
    expect(breakingChanges(before, [])).toEqual(['table tickets is gone'])
  })

  it('may break where a new migration says so', () => {
    const step = (id: string, breaking: boolean) => ({ id, checksum: 'c', breaking })
    const old = { tables: before, migrations: [step('0001_old', true)] }
    const refused = (...steps: ReturnType<typeof step>[]) =>
      refusedChanges(old, { tables: [], migrations: [step('0001_old', true), ...steps] })
    expect(refused()).toEqual(['table tickets is gone'])
    expect(refused(step('0002_quiet', false))).toEqual(['table tickets is gone'])
    expect(refused(step('0002_quiet', false), step('0003_loud', true))).toEqual([])
  })
})
