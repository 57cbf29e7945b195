import { randomUUID } from 'node:crypto'
import { app, backend, type Context, masked, table } from '@quarterdeck/sdk/functions'
import type { Bits } from '@quarterdeck/sdk/functions/perms'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { member, runtimeOf, standingClock, tableIn } from '../runtime.test-kit.ts'

// What is allowed, said once more and plainly: each level on its own, and all must agree.

const bits = fc.integer({ min: 0, max: 7 }).map((value) => value as Bits)
// Else hardly anything would be allowed.
const often = fc.oneof({ weight: 2, arbitrary: fc.constant<Bits>(7) }, bits)
const seldom = fc.oneof({ weight: 2, arbitrary: fc.constant<Bits>(0) }, bits)

const group = fc.record({ desk: seldom, allEndpoints: often, lines: often, allTables: seldom })
const act = fc.constantFrom(
  'get',
  'query',
  'filter',
  'order',
  'set',
  'set secret',
  'set same secret',
  'update',
  'update secret',
  'push',
  'push secret',
  'delete',
  'pop',
  'shift',
)

const Case = fc.record({
  groups: fc.record({ a: group, b: group }),
  inGroups: fc.subarray(['a', 'b'], { minLength: 0 }),
  perm: fc.oneof({ weight: 3, arbitrary: fc.constantFrom<Bits>(4, 6, 7) }, bits),
  ugroup: fc.option(fc.constantFrom('a', 'b'), { freq: 4 }),
  egroup: fc.constantFrom('desk', 'other'),
  lent: seldom,
  rows: fc.constantFrom('own' as const, 'shared' as const),
  permitted: often,
  mask: fc.record({ all: seldom, a: seldom, b: seldom }),
  owner: fc.constantFrom('ann', 'bob'),
  act,
  lazily: fc.boolean(),
})
type Case = typeof Case extends fc.Arbitrary<infer One> ? One : never

interface Expected {
  readonly told: unknown
  /** The row `r` afterwards; null: gone. */
  readonly row: { readonly text: string; readonly secret?: string } | null
}

const row = { text: 'old', secret: 's' }

function expected(one: Case): Expected {
  const { groups, inGroups, perm, lent, permitted, mask } = one
  const same = (told: unknown): Expected => ({ told, row })
  const mine = inGroups.map((name) => groups[name as 'a' | 'b'])
  const or = (values: readonly number[]) => values.reduce((sum, value) => sum | value, 0)

  const endpoint = or(mine.map((held) => (one.egroup === 'desk' ? held.desk : 0) | held.allEndpoints))
  const inUgroup = one.ugroup === null || inGroups.includes(one.ugroup)
  if (!inUgroup || (endpoint & perm) !== perm) return same('forbidden')

  const held = or(mine.map(({ lines, allTables }) => lines | allTables)) | lent
  const may = (need: number) => (held & permitted & need) === need
  const free = (need: number) => (lent & need) === need
  const there = (need: number) => one.rows === 'shared' || free(need) || one.owner === 'ann'
  const field = mask.all | or(inGroups.map((name) => mask[name as 'a' | 'b']))
  const sees = free(4) || (field & 4) !== 0
  const changes = free(2) || (field & 2) !== 0
  const shown = (doc: { text: string; secret?: string }) => {
    const { secret, ...rest } = doc
    return { id: 'r', ...(sees && secret !== undefined ? { ...rest, secret } : rest) }
  }
  const no = same('forbidden lines')
  const writes = (perm & 3) !== 0

  if (one.act === 'get') return may(4) ? same(there(4) ? shown(row) : null) : no
  if (one.act === 'query') return may(4) ? same(there(4) ? [shown(row)] : []) : no
  if (one.act === 'filter' || one.act === 'order') {
    if ((held & 4) === 0) return no
    if (!sees) return same('field_forbidden secret')
    return may(4) ? same(there(4) ? [shown(row)] : []) : no
  }
  if (!writes) return no
  if (one.act === 'delete') return may(1) ? { told: there(1), row: there(1) ? null : row } : no
  if (one.act === 'pop' || one.act === 'shift')
    return may(5) ? (there(5) ? { told: shown(row), row: null } : same(null)) : no
  if (!may(2)) return no
  if (one.act === 'push') return same('an id')
  if (one.act === 'push secret') return same(changes ? 'an id' : 'field_forbidden secret')
  if (one.act.startsWith('update')) {
    if (!there(2)) return same('not_found')
    if (one.act === 'update secret' && !changes) return same('field_forbidden secret')
    const after = one.act === 'update' ? { text: 'new', secret: 's' } : { text: 'old', secret: 'x' }
    // Who does not hold 4 on the table is told back only what was given.
    const whole = shown(after)
    const [given] = one.act === 'update' ? ['text'] : ['secret']
    const part = Object.fromEntries(Object.entries(whole).filter(([key]) => key === 'id' || key === given))
    return { told: (held & 4) !== 0 ? whole : part, row: after }
  }
  if (!there(2)) return same('unique_violation lines')
  if (one.act === 'set secret')
    return changes ? { told: undefined, row: { text: 'new', secret: 'x' } } : same('field_forbidden secret')
  if (one.act === 'set same secret') {
    const known = changes || (field & 4) !== 0
    return known ? { told: undefined, row: { text: 'new', secret: 's' } } : same('field_forbidden secret')
  }
  const takesAway = free(2) || (field & 6) === 6
  return { told: undefined, row: takesAway ? { text: 'new' } : { text: 'new', secret: 's' } }
}

async function perform(ctx: Context, what: Case['act']): Promise<unknown> {
  const lines = tableIn(ctx, 'lines')
  switch (what) {
    case 'get':
      return lines.get('r')
    case 'query':
      return (await lines.query()).rows
    case 'filter':
      return (await lines.query({ where: { secret: 's' } })).rows
    case 'order':
      return (await lines.query({ orderBy: 'secret' })).rows
    case 'set':
      return lines.set('r', { text: 'new' })
    case 'set secret':
      return lines.set('r', { text: 'new', secret: 'x' })
    case 'set same secret':
      return lines.set('r', { text: 'new', secret: 's' })
    case 'update':
      return lines.update('r', { text: 'new' })
    case 'update secret':
      return lines.update('r', { secret: 'x' })
    case 'push':
      return typeof (await lines.push({ text: 'more' })) === 'string' ? 'an id' : null
    case 'push secret':
      return typeof (await lines.push({ text: 'more', secret: 'y' })) === 'string' ? 'an id' : null
    case 'delete':
      return lines.delete('r')
    case 'pop':
      return lines.pop()
    case 'shift':
      return lines.shift()
  }
}

function appOf(one: Case) {
  const { groups, mask, perm, ugroup, egroup, lent } = one
  const lines = table('lines', {
    schema: z.object({
      text: z.string(),
      secret: masked(z.string().optional(), mask.all, { a: mask.a, b: mask.b }),
    }),
    rows: one.rows,
    permissions: one.permitted,
    indexes: { bySecret: { on: ['secret'] } },
  })
  const groupOf = ({ desk, allEndpoints, lines: bits, allTables }: Case['groups']['a']) => ({
    endpoints: { desk, '*': allEndpoints },
    tables: { lines: bits, '*': allTables },
  })
  const act = backend(
    {
      ...{ perm, egroup, elevate: { lines: lent } },
      ...(ugroup === null ? {} : { ugroup }),
    },
    (ctx) => perform(ctx, one.act),
  )
  const loaded = loadedAppOf({
    app: app({ groups: { a: groupOf(groups.a), b: groupOf(groups.b) } }),
    tables: [lines],
    functions: { act },
  })
  if (!one.lazily) return loaded
  // As modules are loaded when they are first needed.
  const load = async (name: string) => new Promise<void>(setImmediate).then(() => loaded.load(name))
  return { ...loaded, load }
}

describe('who may do what', () => {
  it('is what all levels agree on: bits, groups, table bits, masks, owner, elevate', async () => {
    const reached = new Set<string>()
    await fc.assert(
      fc.asyncProperty(Case, async (one) => {
        const clock = standingClock()
        const tables = memoryTables({ now: clock.now, randomId: randomUUID })
        const loaded = appOf(one)
        await tables.prepare('t', [
          {
            name: 'lines',
            indexes: [{ fields: ['secret'] }],
            owned: true,
            listed: true,
            permissions: one.permitted,
          },
        ])
        const before = tables.begin({ tenant: 't' })
        before.set('lines', 'r', row, one.owner)
        await before.commit()
        const { tell } = runtimeOf(loaded, { tables, keep: memoryKeep({ now: clock.now }) }, { clock })
        const told = await tell(member('ann', ...one.inGroups), 'act')
        const after = await tables.begin({ tenant: 't' }).get('lines', 'r')
        const wanted = expected(one)
        reached.add(`${one.act} ${typeof wanted.told === 'string' ? wanted.told : 'done'}`)
        expect({ told, row: after?.data ?? null }).toEqual(wanted)
        if (after !== null) expect(after.owner).toBe(one.owner)
      }),
      { numRuns: 4_000 },
    )
    // Each act was allowed and refused at one time or another.
    for (const what of ['get', 'filter', 'set secret', 'update', 'delete', 'pop'])
      for (const end of ['forbidden', 'forbidden lines', 'done']) expect(reached).toContain(`${what} ${end}`)
    expect(reached).toContain('filter field_forbidden secret')
    expect(reached).toContain('set unique_violation lines')
  })
})
