import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { StartTables } from './tables.suite.ts'
import type { Isolation, Tables, Tx } from './tables.ts'
import { checkOutcome, type Model, type Played, play, rowsOf } from './tables-reference.suite.ts'

type Step =
  | { readonly kind: 'begin'; readonly slot: number; readonly isolation: Isolation }
  | { readonly kind: 'get' | 'delete'; readonly slot: number; readonly key: string }
  | { readonly kind: 'set'; readonly slot: number; readonly key: string; readonly value: number }
  | { readonly kind: 'push'; readonly slot: number; readonly value: number }
  | {
      readonly kind: 'list' | 'take'
      readonly slot: number
      readonly listed: 'asc' | 'desc'
      readonly owner: string | null
    }
  | { readonly kind: 'past'; readonly slot: number; readonly back: number; readonly key: string }
  | { readonly kind: 'getAll' | 'snapshot' | 'commit' | 'abort'; readonly slot: number }

const slots = 3
const slot = fc.integer({ min: 0, max: slots - 1 })
const key = fc.constantFrom('notes/a', 'notes/b', 'notes/c', 'marks/a', 'marks/b')
const value = fc.integer({ min: 0, max: 99 })
const isolation = fc.constantFrom<Isolation>('snapshot', 'serializable')
const listed = fc.constantFrom<'asc' | 'desc'>('asc', 'desc')
const owner = fc.option(fc.constantFrom('owner 0', 'owner 1'))
const back = fc.integer({ min: 0, max: 12 })

/** One of these kinds of step; named again, a kind is as much more likely. */
const of = <const Kind extends Step['kind']>(...kinds: Kind[]) => fc.constantFrom(...kinds)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: of('begin'), slot, isolation }) },
  { weight: 8, arbitrary: fc.record({ kind: of('get', 'get', 'delete'), slot, key }) },
  { weight: 6, arbitrary: fc.record({ kind: of('set'), slot, key, value }) },
  { weight: 3, arbitrary: fc.record({ kind: of('push'), slot, value }) },
  { weight: 4, arbitrary: fc.record({ kind: of('list', 'take'), slot, listed, owner }) },
  { weight: 1, arbitrary: fc.record({ kind: of('past'), slot, back, key }) },
  { weight: 2, arbitrary: fc.record({ kind: of('getAll', 'snapshot'), slot }) },
  { weight: 6, arbitrary: fc.record({ kind: of('commit', 'commit', 'commit', 'abort'), slot }) },
)

const at = (place: string): [table: string, id: string] => {
  const [table = '', id = ''] = place.split('/')
  return [table, id]
}

interface Open {
  readonly tx: Tx
  readonly played: Played
}

/** A tenant with its reference: histories are played on it one after the other. */
function createPlayer(handles: readonly Tables[], tenant: string) {
  const model: Model = { states: [new Map()], changed: new Map() }
  const open = new Map<number, Open>()

  function begin(slot: number, isolation: Isolation): Open {
    const handle = handles[slot % handles.length]
    if (handle === undefined) throw new Error('no handle')
    const played = {
      ...{ isolation, owner: `owner ${slot % 2}`, snapshot: null },
      ...{ read: new Set<string>(), filters: [], steps: [] },
    }
    const made = { tx: handle.begin({ tenant, isolation }), played }
    open.set(slot, made)
    return made
  }

  /** What the transaction sees now; it has a snapshot from here on. */
  function view(played: Played) {
    played.snapshot ??= model.states.length - 1
    return play(model.states[played.snapshot] ?? new Map(), played, played.snapshot + 1)
  }

  async function list({ tx, played }: Open, listed: 'asc' | 'desc', owner: string | null, most: number) {
    const query = { listed, limit: most, ...(owner === null ? {} : { owner }) }
    const page = await tx.query('notes', query)
    const expected = rowsOf(view(played), 'notes', owner, listed)
    expect(page.rows).toEqual(expected.slice(0, most))
    played.filters.push({ table: 'notes', owner })
    expect(page.cursor !== undefined).toBe(expected.length > most)
    if (page.cursor === undefined) return page.rows[0]
    const next = await tx.query('notes', { ...query, cursor: page.cursor })
    expect(next.rows).toEqual(expected.slice(most, 2 * most))
    return page.rows[0]
  }

  async function past(slot: number, back: number, key: string) {
    const number = Math.max(0, model.states.length - 1 - back)
    const tx = handles[slot % handles.length]?.begin({ tenant, at: number })
    const state = model.states[number] ?? new Map()
    expect(await tx?.get(...at(key))).toEqual(state.get(key) ?? null)
    const { rows } = (await tx?.query('notes', { listed: 'asc', limit: 1_000 })) ?? {}
    expect(rows).toEqual(rowsOf(state, 'notes', null, 'asc'))
  }

  async function take(one: Step): Promise<void> {
    if (one.kind === 'begin') {
      open.get(one.slot)?.tx.abort()
      begin(one.slot, one.isolation)
      return
    }
    if (one.kind === 'past') return past(one.slot, one.back, one.key)
    const mine = open.get(one.slot) ?? begin(one.slot, 'snapshot')
    const { tx, played } = mine
    if (one.kind === 'get') {
      const seen = await tx.get(...at(one.key))
      expect(seen).toEqual(view(played).get(one.key) ?? null)
      played.read.add(one.key)
    } else if (one.kind === 'getAll') {
      const ids = ['a', 'b', 'c', 'none']
      const seen = await tx.getAll('notes', ids)
      const now = view(played)
      const expected = ids.flatMap((id) => now.get(`notes/${id}`) ?? [])
      expect([...seen].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(expected)
      for (const id of ids) played.read.add(`notes/${id}`)
    } else if (one.kind === 'list') await list(mine, one.listed, one.owner, one.listed === 'asc' ? 3 : 100)
    else if (one.kind === 'take') {
      const taken = await list(mine, one.listed, one.owner, 1)
      if (taken === undefined) return
      tx.delete('notes', taken.id)
      played.steps.push({ key: `notes/${taken.id}`, value: null })
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
      view(played)
      expect(number).toBe(played.snapshot)
    } else {
      if (one.kind === 'abort') tx.abort()
      else checkOutcome(await tx.commit(), model, played)
      open.delete(one.slot)
    }
  }

  return {
    async run(history: readonly Step[]): Promise<void> {
      for (const one of history) await take(one)
      for (const { tx } of open.values()) tx.abort()
      open.clear()
    },
    /** Holds all that is there against the reference. */
    async check(): Promise<void> {
      const reader = handles[0]?.begin({ tenant })
      const last = model.states.at(-1) ?? new Map()
      for (const table of ['notes', 'marks']) {
        const ids = [...model.changed.keys()].filter((one) => at(one)[0] === table).map((one) => at(one)[1])
        const there = rowsOf(last, table, null, 'asc')
        const rows = [...((await reader?.getAll(table, ids.slice(0, 1_000))) ?? [])]
        expect(rows.sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))).toEqual(there)
        const listed = await reader?.query(table, { listed: 'asc', limit: 1_000 })
        expect(listed).toEqual({ rows: there })
      }
      expect(await reader?.snapshot()).toBe(model.states.length - 1)
    },
  }
}

/** The part of the suite that holds random histories against a reference. */
export function modelTests(start: StartTables) {
  it('runs random histories as the reference does', { timeout: 300_000 }, async () => {
    const { one, tables, open } = await start()
    const handles = [tables, await open()]
    // Many short ones on each tenant: what one leaves is what the next begins with. Tenants know nothing of each other.
    const together = 50
    const tenants = 4
    const history = fc.array(step, { minLength: 2, maxLength: 16, size: 'max' })
    const mine = fc.array(history, { minLength: together, maxLength: together })
    const histories = fc.array(mine, { minLength: tenants, maxLength: tenants })
    let made = 0
    const property = fc.asyncProperty(histories, async (all) => {
      const played = all.map(async (mine) => {
        made += 1
        const tenant = `tenant ${made}`
        const declared = made % 2 === 0 ? ({ owned: true, listed: true } as const) : {}
        const player = createPlayer(handles, tenant)
        await tables.prepare(tenant, [{ name: 'notes', indexes: [], ...declared }])
        for (const steps of mine) await player.run(steps)
        await player.check()
      })
      await Promise.all(played)
    })
    await fc.assert(property, { numRuns: Math.ceil(one.histories / (together * tenants)) })
  })
}
