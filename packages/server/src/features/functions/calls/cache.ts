import { hash } from 'node:crypto'
import { fault } from '@quarterdeck/sdk/errors'
import type { Cache } from '@quarterdeck/sdk/functions/context'
import { faultOf } from '../../../core/port-fault.ts'
import type { Keep } from '../../../ports/keep.ts'
import { toJson } from './to-json.ts'

const hourMs = 3_600_000

async function ask<Result>(run: Promise<Result>): Promise<Result> {
  try {
    return await run
  } catch (error) {
    const refused = error instanceof Error && error.name === 'KeepInvalid'
    throw refused ? fault('invalid', error.message, { cause: error }) : faultOf(error)
  }
}

/** The cache of a tenant over `keep`: values as JSON, for an hour unless said, up to 1 MiB each. */
export function cacheOf(keep: Keep, tenant: string): Cache {
  // Whatever characters a key has, and however long it is.
  const place = (key: string) => `functions/cache/${hash('sha256', `${tenant}\u0000${key}`, 'hex')}`

  return {
    async get(key) {
      const kept = await ask(keep.get(place(key)))
      return kept === null ? undefined : (JSON.parse(kept.value) as unknown)
    },
    async set(key, value, { ttlMs = hourMs } = {}) {
      await ask(keep.put(place(key), JSON.stringify(toJson(value) ?? null), ttlMs))
    },
    async delete(key) {
      await ask(keep.delete(place(key)))
    },
  }
}
