import { z } from 'zod'
import type { Tables } from '../ports/tables.ts'
import { deriveKey, seal, unseal } from './seal.ts'

const owner = '_log'
const table = 'keys'
const label = 'quarterdeck/log-key'
const Seals = z.object({ seals: z.array(z.string()) })

/** The log key cannot be opened: the database was sealed under another secret. */
export class KeySetMismatch extends Error {
  override readonly name = 'KeySetMismatch'
}

/**
 * The 32 bytes that records are digested under, made once per database and kept sealed. A server that can open them
 * only with the secret before adds a seal under the secret of now. Throws `KeySetMismatch` when neither opens them.
 */
export async function openLogKey(needs: {
  readonly tables: Tables
  readonly secret: string
  readonly previous: string | null
  readonly randomBytes: (size: number) => Uint8Array
}): Promise<Uint8Array> {
  const { tables, randomBytes } = needs
  const now = deriveKey(needs.secret, label)
  // Two servers may make the key at once: one commit wins, and the other reads what that one stored.
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const tx = tables.begin({ tenant: owner })
    const row = await tx.get(table, 'log')
    const seals = row === null ? [] : Seals.parse(row.data).seals
    const open = (key: Uint8Array) => seals.map((one) => unseal(key, one)).find((bytes) => bytes !== null)
    const opened = open(now)
    if (opened !== undefined) return opened
    const before = needs.previous === null ? undefined : open(deriveKey(needs.previous, label))
    if (seals.length > 0 && before === undefined) {
      throw new KeySetMismatch('the log key is sealed under another secret')
    }
    const key = before ?? randomBytes(32)
    tx.set(table, 'log', { seals: [...seals, seal(now, key, randomBytes(24))] }, owner)
    if ((await tx.commit()).state === 'committed') return key
  }
  throw new Error('the log key could not be stored')
}
