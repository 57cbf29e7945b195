import { expect, it } from 'vitest'
import { look, numberOf, type StartTables } from './tables.suite.ts'

/** The part of the suite about the steps of an app's migrations. */
export function migrationsTests(start: StartTables) {
  it('remembers a step with the commit that did it, and does it once', async () => {
    const { tables, open } = await start()
    const other = await open()
    expect(await tables.migrations('a')).toEqual(new Map())
    const migration = { id: '0001_first', checksum: 'c1' }
    const outcomes = await Promise.all(
      [tables, other].map((handle, n) => {
        const tx = handle.begin({ tenant: 'a' })
        tx.set('notes', `by ${n}`, n, 'me')
        return tx.commit({ migration })
      }),
    )
    expect(outcomes.map((one) => one.state).sort()).toEqual(['aborted', 'committed'])
    for (const [n, one] of outcomes.entries()) {
      expect((await look(tables, 'a', 'notes', `by ${n}`)) === undefined).toBe(one.state === 'aborted')
    }
    // One that changes nothing is a step too.
    expect(
      numberOf(await other.begin({ tenant: 'a' }).commit({ migration: { id: '0002', checksum: 'c2' } })),
    ).toBe(2)
    expect(await tables.migrations('a')).toEqual(
      new Map([
        ['0001_first', 'c1'],
        ['0002', 'c2'],
      ]),
    )
    expect(await tables.migrations('b')).toEqual(new Map())
  })
}
