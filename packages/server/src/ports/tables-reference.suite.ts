import { expect } from 'vitest'
import type { Isolation, Outcome, Row } from './tables.ts'

export type Contents = ReadonlyMap<string, Row>

/** The reference: every state there ever was, whole, and for each key the commit that last changed it. */
export interface Model {
  readonly states: Contents[]
  readonly changed: Map<string, number>
}

/** A transaction of the model: what was asked of it, to be played over its snapshot. Keys are `table/id`. */
export interface Played {
  readonly isolation: Isolation
  readonly owner: string
  snapshot: number | null
  readonly read: Set<string>
  readonly filters: { readonly table: string; readonly owner: string | null }[]
  readonly steps: { readonly key: string; readonly value: number | null }[]
}

const idOf = (key: string) => key.slice(key.indexOf('/') + 1)
const tableOf = (key: string) => key.slice(0, key.indexOf('/'))

/** Plays the writes over a state as commit number `number`. */
export function play(base: Contents, played: Played, number: number): Contents {
  const after = new Map(base)
  // A place is taken by a key's first write, and by each that makes it anew after its deletion here.
  const places = new Map<string, number>()
  const deleted = new Set<string>()
  let next = 0
  for (const { key, value: data } of played.steps) {
    if (!places.has(key) || (data !== null && deleted.has(key))) places.set(key, next++)
    if (data === null) {
      after.delete(key)
      deleted.add(key)
      continue
    }
    deleted.delete(key)
    const row = after.get(key)
    after.set(key, {
      id: idOf(key),
      data,
      owner: row?.owner ?? played.owner,
      txid: number,
      order: row?.order ?? number * 1024 + (places.get(key) ?? 0),
    })
  }
  return after
}

/** The rows of a table, of one owner or (null) of all, in insertion order or the reverse. */
export function rowsOf(
  contents: Contents,
  table: string,
  owner: string | null,
  listed: 'asc' | 'desc',
): readonly Row[] {
  const rows = [...contents]
    .filter(([key, row]) => tableOf(key) === table && (owner === null || row.owner === owner))
    .map(([, row]) => row)
    .sort((a, b) => a.order - b.order)
  return listed === 'asc' ? rows : rows.reverse()
}

/** The keys of which a version that a filter finds began or ended after a commit. */
function overtaken({ states }: Model, filter: Played['filters'][number], since: number): string[] {
  const found: string[] = []
  for (let number = since + 1; number < states.length; number += 1) {
    const [before, after] = [states[number - 1] ?? new Map(), states[number] ?? new Map()]
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const [old, made] = [before.get(key), after.get(key)]
      if (tableOf(key) !== filter.table || old === made) continue
      if (filter.owner === null || old?.owner === filter.owner || made?.owner === filter.owner)
        found.push(key)
    }
  }
  return found
}

function expectedCommit(model: Model, played: Played): 'nothing' | 'committed' | ReadonlySet<string> {
  if (played.steps.length === 0) return 'nothing'
  const last = model.states.length - 1
  const since = played.snapshot ?? last
  const checked = new Set(played.steps.map((one) => one.key))
  if (played.isolation === 'serializable') for (const key of played.read) checked.add(key)
  const refused = new Set([...checked].filter((key) => (model.changed.get(key) ?? 0) > since))
  if (played.isolation === 'serializable') {
    for (const filter of played.filters) for (const key of overtaken(model, filter, since)) refused.add(key)
  }
  if (refused.size > 0) return refused
  const before = model.states[last] ?? new Map()
  const after = play(before, played, last + 1)
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(key) !== after.get(key)) model.changed.set(key, last + 1)
  }
  model.states.push(after)
  return 'committed'
}

/** Commits in the model too, and holds the outcome against it. */
export function checkOutcome(outcome: Outcome, model: Model, played: Played): void {
  const expected = expectedCommit(model, played)
  if (expected === 'nothing') expect(outcome).toMatchObject({ state: 'committed', number: null })
  else if (expected === 'committed') {
    expect(outcome).toMatchObject({ state: 'committed', number: model.states.length - 1 })
  } else {
    expect(outcome).toMatchObject({ state: 'aborted', why: 'conflict' })
    if (outcome.state === 'aborted') expect(expected).toContain(`${outcome.table}/${outcome.id}`)
  }
}
