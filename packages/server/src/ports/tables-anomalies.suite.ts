import { expect, it } from 'vitest'
import { look, put, type StartTables } from './tables.suite.ts'
import type { Isolation, Tables, Tx } from './tables.ts'

/** Two transactions of one isolation, on two handles, over accounts `x` and `y` that hold 50 each. */
interface Scene {
  readonly tables: Tables
  readonly first: Tx
  readonly second: Tx
}

const read = async (tx: Tx, id: string) => Number((await tx.get('accounts', id))?.data ?? 0)
const committed = async (tx: Tx) => (await tx.commit()).state === 'committed'
const count = async (tx: Tx) => (await tx.query('accounts', { where: { kind: 'open' } })).rows.length

/** The classic anomalies, after Berenson et al., “A Critique of ANSI SQL Isolation Levels”: each says if it happened. */
const anomalies: Readonly<
  Record<string, { happens: (scene: Scene) => Promise<boolean>; allowedBy: readonly Isolation[] }>
> = {
  'dirty write': {
    allowedBy: [],
    async happens({ tables, first, second }) {
      for (const id of ['x', 'y']) {
        first.set('accounts', id, 1, 'me')
        second.set('accounts', id, 2, 'me')
      }
      await Promise.all([first.commit(), second.commit()])
      const [x, y] = [await look(tables, 'a', 'accounts', 'x'), await look(tables, 'a', 'accounts', 'y')]
      return x !== y
    },
  },
  'dirty read': {
    allowedBy: [],
    async happens({ first, second }) {
      first.set('accounts', 'x', 99, 'me')
      const seen = await read(second, 'x')
      first.abort()
      return seen === 99
    },
  },
  'non-repeatable read': {
    allowedBy: [],
    async happens({ first, second }) {
      const before = await read(first, 'x')
      second.set('accounts', 'x', 99, 'me')
      expect(await committed(second)).toBe(true)
      return (await read(first, 'x')) !== before
    },
  },
  'read skew': {
    allowedBy: [],
    async happens({ first, second }) {
      const x = await read(first, 'x')
      second.set('accounts', 'x', 20, 'me')
      second.set('accounts', 'y', 80, 'me')
      expect(await committed(second)).toBe(true)
      return x + (await read(first, 'y')) !== 100
    },
  },
  'lost update': {
    allowedBy: [],
    async happens({ first, second }) {
      for (const tx of [first, second]) tx.set('accounts', 'x', (await read(tx, 'x')) + 10, 'me')
      expect(await committed(first)).toBe(true)
      return committed(second)
    },
  },
  'phantom within a transaction': {
    allowedBy: [],
    async happens({ first, second }) {
      const before = await count(first)
      second.set('accounts', null, { kind: 'open' }, 'me')
      expect(await committed(second)).toBe(true)
      return (await count(first)) !== before
    },
  },
  phantom: {
    allowedBy: ['snapshot'],
    // At most one may be open: both count none, and both open one.
    async happens({ first, second }) {
      for (const tx of [first, second]) {
        expect(await count(tx)).toBe(0)
        tx.set('accounts', null, { kind: 'open' }, 'me')
      }
      expect(await committed(first)).toBe(true)
      return committed(second)
    },
  },
  'write skew': {
    allowedBy: ['snapshot'],
    // The sum may not fall below 50: each takes 50 from one, having read both.
    async happens({ first, second }) {
      for (const [tx, id] of [
        [first, 'x'],
        [second, 'y'],
      ] as const) {
        expect((await read(tx, 'x')) + (await read(tx, 'y'))).toBe(100)
        tx.set('accounts', id, 0, 'me')
      }
      expect(await committed(first)).toBe(true)
      return committed(second)
    },
  },
}

/** The part of the suite that tells which anomaly each isolation allows. */
export function anomalyTests(start: StartTables) {
  for (const [name, { happens, allowedBy }] of Object.entries(anomalies)) {
    for (const isolation of ['snapshot', 'serializable'] as const) {
      const isAllowed = allowedBy.includes(isolation)
      it(`${isAllowed ? 'allows' : 'refuses'} a ${name} under ${isolation}`, async () => {
        const { tables, open } = await start()
        const other = await open()
        await tables.prepare('a', [{ name: 'accounts', indexes: [{ fields: ['kind'] }] }])
        for (const id of ['x', 'y']) await put(tables, 'a', 'accounts', id, 50)
        const first = tables.begin({ tenant: 'a', isolation })
        const second = other.begin({ tenant: 'a', isolation })
        expect(await happens({ tables, first, second })).toBe(isAllowed)
      })
    }
  }
}
