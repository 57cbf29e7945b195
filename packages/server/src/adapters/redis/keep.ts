import { Redis } from 'ioredis'
import type { Keep, Kept } from '../../ports/keep.ts'
import { type KeepEngine, keepOver } from '../keep-over.ts'
import { readNumber } from '../read-number.ts'
import {
  compareAndSetScript,
  deleteScript,
  incrementScript,
  leaseScript,
  putScript,
  releaseScript,
  renewScript,
  type Script,
  scanScript,
} from './keep-scripts.ts'

// Keys one scan script looks at: it holds up every other client while it runs.
const scanChunk = 500
const lostReplies =
  /^(LOADING|MASTERDOWN|READONLY|MISCONF|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|OOM|UNKILLABLE|BUSY)\b/

/** What Redis answered is its word; any other error means that no answer came. */
function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name !== 'ReplyError' || lostReplies.test(error.message)
}

/** A reply of a script, which must be a list of texts and numbers. */
function listOf(reply: unknown): readonly (string | number)[] {
  if (!Array.isArray(reply)) throw new Error('Redis answered no list')
  return reply.map((item: unknown) => (typeof item === 'number' ? item : String(item)))
}

function engineOn(redis: Redis, connected: Promise<unknown>, prefix: string): KeepEngine {
  const values = `${prefix}value:`
  const index = `${prefix}index`
  const lease = (name: string) => `${prefix}lease:${name}`

  async function run(script: Script, key: string, ...own: (string | number)[]): Promise<unknown> {
    await connected
    const rest = [key, index, `${prefix}expiring`, `${prefix}counter`, values, ...own]
    try {
      return await redis.evalsha(script.sha1, 4, ...rest)
    } catch (error) {
      // Redis forgets scripts when it restarts.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return redis.eval(script.text, 4, ...rest)
    }
  }
  const onKey = (script: Script, key: string, ...own: (string | number)[]) =>
    run(script, values + key, key, ...own)
  const textOf = (reply: unknown) => (reply === null ? null : String(reply))

  return {
    async read(keys) {
      await connected
      const found = new Map<string, Kept>()
      const replies = await Promise.all(keys.map((key) => redis.hmget(values + key, 'value', 'version')))
      for (const [place, [value, version]] of replies.entries()) {
        const key = keys[place]
        if (key !== undefined && value != null && version != null) found.set(key, { value, version })
      }
      return found
    },
    put: async (key, value, ttlMs) => String(await onKey(putScript, key, value, ttlMs ?? '')),
    compareAndSet: async (key, expected, value, ttlMs) =>
      textOf(await onKey(compareAndSetScript, key, value, ttlMs ?? '', expected ?? '')),
    async increment(key, by, ttlMs) {
      const sum = await onKey(incrementScript, key, by, ttlMs ?? '')
      return sum === null ? null : readNumber(sum)
    },
    delete: async (key, expected) => (await onKey(deleteScript, key, expected ?? '')) === 1,
    async scan({ from, after, end, limit }) {
      const found: { key: string; value: string; version: string }[] = []
      const upper = end === null ? '+' : `(${end}`
      // Of the two lower bounds the higher one counts; comparing them here is comparing bytes.
      const behind = after !== null && Buffer.compare(Buffer.from(after), Buffer.from(from)) >= 0
      let lower = behind ? `(${after}` : `[${from}`
      while (found.length < limit) {
        const own = ['', lower, upper, limit - found.length, scanChunk]
        const [looked, last, ...items] = listOf(await run(scanScript, index, ...own))
        for (let at = 0; at + 2 < items.length; at += 3) {
          found.push({
            key: String(items[at]),
            value: String(items[at + 1]),
            version: String(items[at + 2]),
          })
        }
        if (Number(looked) < scanChunk) break
        lower = `(${last}`
      }
      return found
    },
    async lease(name, holder, ttlMs) {
      const token = await run(leaseScript, lease(name), '', holder, ttlMs)
      return token === null ? null : readNumber(token)
    },
    renew: async (name, token, ttlMs) => (await run(renewScript, lease(name), '', token, ttlMs)) === 1,
    async release(name, token) {
      await run(releaseScript, lease(name), '', token)
    },
    async check() {
      await connected
      await redis.ping()
    },
    async close() {
      redis.disconnect()
    },
  }
}

/**
 * A `keep` in Redis 7, under a prefix, on the server's clock. It is as durable as Redis is set up to be, and wants
 * `noeviction`. Scripts name their keys themselves: in a cluster the prefix must carry a hash tag. A command whose
 * answer was lost is never sent again.
 */
export function redisKeep(needs: {
  readonly url: string
  readonly prefix?: string
  /** How often watches look, ms. */
  readonly pollMs?: number
}): Keep {
  const redis = new Redis(needs.url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 5_000,
    commandTimeout: 5_000,
    retryStrategy: (times) => Math.min(times * 50, 1_000),
  })
  redis.on('error', () => undefined)
  // Only the first connection is waited for; whether it came shows in the first command.
  const connected = redis.connect().catch(() => undefined)
  return keepOver({
    engine: engineOn(redis, connected, needs.prefix ?? 'quarterdeck:'),
    isLost,
    pollMs: needs.pollMs ?? 500,
  })
}
