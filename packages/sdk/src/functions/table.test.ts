import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { masked } from './masked.ts'
import { perms } from './perms.ts'
import { table } from './table.ts'

const secret = () => masked(z.string(), perms.___, { lead: perms.RW_ })

describe('a table', () => {
  it('knows its masked fields by their paths, whatever wraps them', () => {
    const { masks } = table('people', {
      schema: z.object({
        name: z.string(),
        pay: secret().optional(),
        home: z.object({ street: secret() }).nullable().default(null),
      }),
    })
    const lead = { bits: 0, groups: { lead: 6 } }
    expect(masks).toEqual([
      { path: 'pay', ...lead },
      { path: 'home.street', ...lead },
    ])
  })

  it.each([
    ['a list', () => z.object({ pays: z.array(secret()) })],
    ['objects of a list', () => z.object({ jobs: z.array(z.object({ pay: secret() })) })],
    ['a union', () => z.object({ pay: z.union([secret(), z.number()]) })],
    ['a record', () => z.object({ pays: z.record(z.string(), secret()) })],
    ['a pipe', () => z.object({ pay: secret().transform(Number) })],
    ['a lazy schema', () => z.object({ pay: z.lazy(() => secret()) })],
  ])('refuses a mask in %s, which nobody would apply', (_, schema) => {
    expect(() => table('people', { schema: schema() })).toThrow(/objects alone/)
  })

  it('marks its own field, and no other that is made of the same schema', () => {
    const plain = z.string()
    const { masks } = table('people', { schema: z.object({ a: masked(plain, perms.R__), b: plain }) })
    expect(masks.map(({ path }) => path)).toEqual(['a'])
  })

  it.each([
    ['Upper', {}],
    ['at', {}],
    ['people', { id: z.string() }],
  ])('refuses the name or schema of %s', (name, more) => {
    expect(() => table(name, { schema: z.object({ ...more }) })).toThrow(TypeError)
  })

  it('refuses an index of no field, or of more than four', () => {
    const withIndex = (on: string[]) => () =>
      table('people', { schema: z.object({}), indexes: { byAll: { on } } })
    expect(withIndex([])).toThrow(TypeError)
    expect(withIndex(['a', 'b', 'c', 'd', 'e'])).toThrow(TypeError)
  })
})
