import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type MemoryTablesStore, memoryTables } from '../adapters/memory/tables.ts'
import { openLogKey } from './log-key.ts'

const secret = (n: number) =>
  Array.from({ length: 32 }, (_, k) => ((k * 7 + n) % 256).toString(16).padStart(2, '0')).join('')

/** A database, and servers that open its log key. */
function database() {
  const store: MemoryTablesStore = new Map()
  let ids = 0
  const tables = () => memoryTables({ now: Date.now, randomId: () => `t${++ids}`, store })
  /** The key as hex. */
  const open = async (now: string, previous: string | null = null) =>
    Buffer.from(await openLogKey({ tables: tables(), secret: now, previous, randomBytes })).toString('hex')
  const stored = async () =>
    JSON.stringify((await tables().begin({ tenant: '_log' }).get('keys', 'log'))?.data ?? null)
  return { open, stored }
}

describe('the log key', () => {
  it('is made once for a database, and another database has another', async () => {
    const { open } = database()
    const key = await open(secret(1))
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect(await open(secret(1))).toBe(key)
    expect(await database().open(secret(1))).not.toBe(key)
  })

  it('is the same for servers that make it at one moment', async () => {
    const { open } = database()
    const keys = await Promise.all(Array.from({ length: 5 }, () => open(secret(1))))
    for (const key of keys) expect(key).toBe(keys[0])
    expect(await open(secret(1))).toBe(keys[0])
  })

  it('stays the same through a rotated secret; the old secret goes on opening it and may then be dropped', async () => {
    const { open } = database()
    const key = await open(secret(1))
    expect(await open(secret(2), secret(1))).toBe(key)
    expect(await open(secret(2))).toBe(key)
    // A server that has not heard of the new secret yet still runs beside it.
    expect(await open(secret(1))).toBe(key)
    expect(await open(secret(3), secret(2))).toBe(key)
  })

  it('cannot be opened with another secret, nor is a second one made then', async () => {
    const { open, stored } = database()
    const key = await open(secret(1))
    const before = await stored()
    await expect(open(secret(2))).rejects.toMatchObject({ name: 'KeySetMismatch' })
    await expect(open(secret(2), secret(3))).rejects.toMatchObject({ name: 'KeySetMismatch' })
    expect(await stored()).toBe(before)
    expect(await open(secret(1))).toBe(key)
  })

  it('is stored only sealed', async () => {
    const { open, stored } = database()
    const key = Buffer.from(await open(secret(1)), 'hex')
    const text = await stored()
    for (const encoding of ['hex', 'base64', 'base64url'] as const)
      expect(text).not.toContain(key.toString(encoding))
  })
})
