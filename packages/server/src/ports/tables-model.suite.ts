import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { StartTables } from './tables.suite.ts'
import type { Isolation, Outcome, Row, Tables, Tx } from './tables.ts'

type Step =
  | { readonly kind: 'begin'; readonly slot: number; readonly isolation: Isolation }
  | { readonly kind: 'get' | 'delete'; readonly slot: number; readonly key: string }
  | { readonly kind: 'set'; readonly slot: number; readonly key: string; readonly value: number }
  | { readonly kind: 'push'; readonly slot: number; readonly value: number }
  | { readonly kind: 'snapshot' | 'commit' | 'abort'; readonly slot: number }

const slot = fc.integer({ min: 0, max: 3 })
const key = fc.constantFrom('notes/a', 'notes/b', 'notes/c', 'marks/a', 'marks/b')
const value = fc.integer({ min: 0, max: 99 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('begin' as const),
      slot,
      isolation: fc.constantFrom<Isolation>('snapshot', 'serializable'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('get' as const), slot, key }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('set' as const), slot, key, value }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), slot, key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('push' as const), slot, value }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('snapshot' as const), slot }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('commit' as const), slot }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), slot }) },
)

type Contents = ReadonlyMap<string, Row>

/** The reference: every state there ever was, whole, and for each key the commit that last changed it. */
interface Model {
  readonly states: Contents[]
  readonly changed: Map<string, number>
}

/** A transaction of the model: what was asked of it, to be played over its snapshot. */
interface Played {
  readonly isolation: Isolation
  readonly owner: string
  snapshot: number | null
  readonly read: Set<string>
  readonly steps: { readonly key: string; readonly value: number | null }[]
}

/** Plays the writes over a state as commit number `number`. */
function play(base: Contents, played: Played, number: number): Contents {
  const after = new Map(base)
  // A place is taken by a key's first write, and by each that makes it anew after its deletion here.
  const places = new Map<string, number>()
  const deleted = new Set<string>()
  let next = 0
  for (const { key: at, value: data } of played.steps) {
    if (!places.has(at) || (data !== null && deleted.has(at))) places.set(at, next++)
    if (data === null) {
      after.delete(at)
      deleted.add(at)
      continue
    }
    deleted.delete(at)
    const row = after.get(at)
    const id = at.slice(at.indexOf('/') + 1)
    after.set(at, {
      id,
      data,
      owner: row?.owner ?? played.owner,
      txid: number,
      order: row?.order ?? number * 1024 + (places.get(at) ?? 0),
    })
  }
  return after
}

function expectedCommit(model: Model, played: Played): 'nothing' | 'committed' | ReadonlySet<string> {
  if (played.steps.length === 0) return 'nothing'
  const last = model.states.length - 1
  const since = played.snapshot ?? last
  const checked = new Set(played.steps.map((one) => one.key))
  if (played.isolation === 'serializable') for (const at of played.read) checked.add(at)
  const overtaken = new Set([...checked].filter((at) => (model.changed.get(at) ?? 0) > since))
  if (overtaken.size > 0) return overtaken
  const before = model.states[last] ?? new Map()
  const after = play(before, played, last + 1)
  for (const at of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(at) !== after.get(at)) model.changed.set(at, last + 1)
  }
  model.states.push(after)
  return 'committed'
}

function checkOutcome(outcome: Outcome, model: Model, played: Played) {
  const expected = expectedCommit(model, played)
  if (expected === 'nothing') expect(outcome).toMatchObject({ state: 'committed', number: null })
  else if (expected === 'committed') {
    expect(outcome).toMatchObject({ state: 'committed', number: model.states.length - 1 })
  } else {
    expect(outcome).toMatchObject({ state: 'aborted', why: 'conflict' })
    if (outcome.state === 'aborted') expect(expected).toContain(`${outcome.table}/${outcome.id}`)
  }
}

async function runHistory(handles: readonly Tables[], tenant: string, steps: readonly Step[]) {
  const model: Model = { states: [new Map()], changed: new Map() }
  const open = new Map<number, { tx: Tx; played: Played }>()
  const begin = (at: number, isolation: Isolation) => {
    const handle = handles[at % handles.length]
    if (handle === undefined) throw new Error('no handle')
    const played = { isolation, owner: `owner ${at}`, snapshot: null, read: new Set<string>(), steps: [] }
    const made = { tx: handle.begin({ tenant, isolation }), played }
    open.set(at, made)
    return made
  }
  const at = (place: string): [string, string] => {
    const [table = '', id = ''] = place.split('/')
    return [table, id]
  }

  for (const one of steps) {
    if (one.kind === 'begin') {
      open.get(one.slot)?.tx.abort()
      begin(one.slot, one.isolation)
      continue
    }
    const { tx, played } = open.get(one.slot) ?? begin(one.slot, 'snapshot')
    if (one.kind === 'get') {
      const seen = await tx.get(...at(one.key))
      played.snapshot ??= model.states.length - 1
      played.read.add(one.key)
      const base = model.states[played.snapshot] ?? new Map()
      expect(seen).toEqual(play(base, played, played.snapshot + 1).get(one.key) ?? null)
    } else if (one.kind === 'set') {
      expect(tx.set(...at(one.key), one.value, played.owner)).toBe(at(one.key)[1])
      played.steps.push({ key: one.key, value: one.value })
    } else if (one.kind === 'push') {
      const id = tx.set('notes', null, one.value, played.owner)
      played.steps.push({ key: `notes/${id}`, value: one.value })
    } else if (one.kind === 'delete') {
      tx.delete(...at(one.key))
      played.steps.push({ key: one.key, value: null })
    } else if (one.kind === 'snapshot') {
      const number = await tx.snapshot()
      played.snapshot ??= model.states.length - 1
      expect(number).toBe(played.snapshot)
    } else {
      if (one.kind === 'abort') tx.abort()
      else checkOutcome(await tx.commit(), model, played)
      open.delete(one.slot)
    }
  }

  const reader = handles[0]?.begin({ tenant })
  const last = model.states.at(-1) ?? new Map<string, Row>()
  for (const place of new Set([...last.keys(), ...model.changed.keys()])) {
    expect(await reader?.get(...at(place))).toEqual(last.get(place) ?? null)
  }
  expect(await reader?.snapshot()).toBe(model.states.length - 1)
}

/** The part of the suite that holds random histories against a reference. */
export function modelTests(start: StartTables) {
  it('runs random histories as the reference does', { timeout: 300_000 }, async () => {
    const { one, tables, open } = await start()
    const handles = [tables, await open()]
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        runs += 1
        await runHistory(handles, `tenant ${runs}`, steps)
      }),
      { numRuns: one.histories },
    )
  })
}
