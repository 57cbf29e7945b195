import { memoryKeep } from '../adapters/memory/keep.ts'
import { redisKeep } from '../adapters/redis/keep.ts'
import type { Config } from '../config/resolve.ts'
import type { Keep } from '../ports/keep.ts'

/** Where rate limits are counted. */
export interface LimitStore {
  readonly keep: Keep
  /** Whether it is a Redis of its own. */
  readonly own: boolean
  close(): Promise<void>
}

/**
 * Redis where one is named, else where small shared values are kept. A laptop's one process counts in its memory:
 * a limit that starts anew with the server is worth more there than a write to disk for each call.
 */
export function openLimitStore(
  config: Pick<Config, 'mode' | 'limits' | 'keepStorage' | 'redisUrl'>,
  needs: { readonly keep: Keep; readonly now: () => number; readonly randomId: () => string },
): LimitStore {
  const { redisUrl } = config.limits
  if (redisUrl !== null && !(config.keepStorage === 'redis' && redisUrl === config.redisUrl)) {
    const keep = redisKeep({ url: redisUrl, ...needs })
    return { keep, own: true, close: () => keep.close() }
  }
  if (config.mode === 'hosted' || config.keepStorage !== 'sqlite')
    return { keep: needs.keep, own: false, close: async () => undefined }
  const keep = memoryKeep({ now: needs.now })
  return { keep, own: false, close: () => keep.close() }
}
