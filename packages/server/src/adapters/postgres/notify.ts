import type { Pool } from 'pg'
import pg from 'pg'
import type { Waker } from '../follow.ts'

const channel = 'console_log'

/** Tells other processes which logs grew, and hears it from them. Only a hint: followers poll all the same. */
export interface Notifier {
  /** Said soon after a commit; what grows meanwhile is said together. */
  grew(log: string, tenants: readonly string[]): void
  close(): Promise<void>
}

/**
 * Makes the notifier. `url` needs a connection of its own that no pooler shares; when it breaks off, it is made anew
 * and every follower is roused, since nobody knows what went unheard.
 */
export function createNotifier(needs: {
  readonly pool: Pool
  readonly url: string
  readonly waker: Waker
  readonly delayMs?: number
}): Notifier {
  const { pool, waker } = needs
  const waiting = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let retry: NodeJS.Timeout | undefined
  let client: pg.Client | null = null
  let closed = false

  async function listen(): Promise<void> {
    if (closed) return
    const mine = new pg.Client({ connectionString: needs.url })
    const again = () => {
      if (client !== mine && client !== null) return
      client = null
      if (closed) return
      retry = setTimeout(() => void listen(), 1_000)
      retry.unref()
    }
    mine.on('error', again)
    mine.on('end', again)
    mine.on('notification', ({ payload }) => {
      for (const key of (payload ?? '').split('\n')) waker.wake(key)
    })
    try {
      await mine.connect()
      await mine.query(`listen ${channel}`)
      if (closed) return await mine.end()
      client = mine
      waker.wakeAll()
    } catch {
      mine.end().catch(() => undefined)
    }
  }

  function say(): void {
    timer = undefined
    const keys = [...waiting].slice(0, 100)
    // Too many to name: whoever is left out is found by polling.
    waiting.clear()
    pool.query('select pg_notify($1, $2)', [channel, keys.join('\n')]).catch(() => undefined)
  }

  void listen()
  return {
    grew(log, tenants) {
      for (const tenant of tenants) waiting.add(`${log} ${tenant}`)
      timer ??= setTimeout(say, needs.delayMs ?? 10)
    },
    async close() {
      closed = true
      clearTimeout(timer)
      clearTimeout(retry)
      await client?.end().catch(() => undefined)
    },
  }
}
