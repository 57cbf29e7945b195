import { expect, it } from 'vitest'
import { put, type StartTables } from './tables.suite.ts'
import { DocumentInvalid } from './tables.ts'

/** The part of the suite about the versions of a row. */
export function versionsTests(start: StartTables) {
  it('tells the versions of a row, newest first, with who wrote them and who deleted them', async () => {
    const { one, tables } = await start()
    const at = (n: number) => new Date(1_700_000_000_000 + n * 1_000)
    const step = async (n: number, change: 'set' | 'delete' | 'renew', principal?: string) => {
      one.clock.at = at(n).getTime()
      const tx = tables.begin({ tenant: 'a' })
      if (change !== 'set') tx.delete('notes', "x'")
      if (change !== 'delete') tx.set('notes', "x'", { n }, `owner ${n}`)
      tx.set('notes', 'other', n, 'me')
      const meta = principal === undefined ? {} : { principal, function: 'edit' }
      expect(await tx.commit(meta)).toMatchObject({ number: n })
    }
    await step(1, 'set', 'ann')
    await step(2, 'set')
    await step(3, 'delete', 'bob')
    await step(4, 'set', 'bob')
    await step(5, 'renew', 'eve')
    const all = await tables.versions('a', 'notes', "x'", { limit: 10 })
    const nobody = { principal: null, function: null }
    const by = (principal: string) => ({ principal, function: 'edit' })
    const version = (n: number, endedBy: number | null, deleted: object | null, more: object) => ({
      ...{ id: "x'", data: { n }, txid: n, at: at(n), endedBy, deleted },
      ...more,
    })
    const first = { owner: 'owner 1', order: 1024 }
    expect(all).toEqual([
      version(5, null, null, { ...by('eve'), owner: 'owner 5', order: 5 * 1024 + 1 }),
      version(4, 5, null, { ...by('bob'), owner: 'owner 4', order: 4 * 1024 }),
      version(2, 3, { at: at(3), ...by('bob') }, { ...nobody, ...first }),
      version(1, 2, null, { ...by('ann'), ...first }),
    ])
    expect(await tables.versions('a', 'notes', "x'", { limit: 2 })).toEqual(all.slice(0, 2))
    expect(await tables.versions('a', 'notes', "x'", { limit: 2, before: 4 })).toEqual(all.slice(2))
    expect(await tables.versions('a', 'notes', "x'", { limit: 9, before: 3 })).toEqual(all.slice(2))
    expect(await tables.versions('a', 'notes', "x'", { limit: 1, before: 2 })).toEqual(all.slice(3))
    expect(await tables.versions('a', 'notes', "x'", { limit: 1, before: 1 })).toEqual([])
    await step(6, 'delete')
    expect((await tables.versions('a', 'notes', "x'", { limit: 1 }))[0]).toMatchObject({
      ...{ txid: 5, endedBy: 6, deleted: { at: at(6), ...nobody } },
    })
  })

  it('tells none of rows, tables and tenants that are not there', async () => {
    const { tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    for (const [tenant, table, id] of [
      ['a', 'notes', 'y'],
      ['a', 'marks', 'x'],
      ['b', 'notes', 'x'],
    ] as const) {
      expect(await tables.versions(tenant, table, id, { limit: 10 })).toEqual([])
    }
    await expect(tables.versions('a', 'Notes"', 'x', { limit: 10 })).rejects.toThrow(DocumentInvalid)
    await expect(tables.versions('a', 'notes', 'x', { limit: 0 })).rejects.toThrow(DocumentInvalid)
  })
}
