import type { Actor } from '@quarterdeck/sdk/actor'
import type { Code } from '@quarterdeck/sdk/errors'
import type { Redactor } from '../../core/redact.ts'
import type { Keep } from '../../ports/keep.ts'

export interface Refusal {
  readonly at: string
  readonly code: string
  readonly path: string
}

/** The last 50 refusals of each producer, shared by all processes; kept 30 days. */
export interface Refusals {
  note(actor: Actor, record: unknown, code: Code, path: string): void
  of(tenant: string): Promise<ReadonlyMap<string, readonly Refusal[]>>
  flush(): Promise<void>
}

const ttlMs = 30 * 86_400_000

/** Keeps refusals in `keep`. Notes wait a moment, so that a flood of bad records is a few writes. */
export function createRefusals(needs: {
  readonly keep: Keep
  readonly redact: Redactor
  readonly now: () => number
  readonly later: (run: () => void) => void
}): Refusals {
  const { keep, redact, now } = needs
  const waiting = new Map<string, Refusal[]>()
  let scheduled = false

  async function store(key: string, fresh: readonly Refusal[]): Promise<void> {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const kept = await keep.get(key)
      const before = kept === null ? [] : (JSON.parse(kept.value) as Refusal[])
      const value = JSON.stringify([...before, ...fresh].slice(-50))
      if ((await keep.compareAndSet(key, kept?.version ?? null, value, ttlMs)) !== null) return
    }
  }

  async function flush(): Promise<void> {
    scheduled = false
    const taken = [...waiting]
    waiting.clear()
    // What was refused has been answered; a lost note of it is no reason to fail anybody.
    for (const [key, fresh] of taken) await store(key, fresh).catch(() => undefined)
  }

  return {
    note(actor, record, code, path) {
      const told = (record as { producer?: { product?: unknown; id?: unknown } } | null)?.producer
      const { product, id } = typeof told === 'object' && told !== null ? told : (actor.producers?.[0] ?? {})
      if (typeof product !== 'string' || typeof id !== 'string' || product.length > 200 || id.length > 200)
        return
      // A producer that names itself by a secret is told so, and remembered nowhere.
      if (redact.text(product) !== product || redact.text(id) !== id) return
      const key = `refusals:${actor.tenant}:${encodeURIComponent(product)}/${encodeURIComponent(id)}`
      const mine = waiting.get(key) ?? []
      if (waiting.size > 1_000 && mine.length === 0) return
      mine.push({ at: new Date(now()).toISOString(), code, path })
      waiting.set(key, mine.slice(-50))
      if (scheduled) return
      scheduled = true
      needs.later(() => void flush())
    },
    async of(tenant) {
      const prefix = `refusals:${tenant}:`
      const found = await keep.scan(prefix, 1_000)
      return new Map(
        found.map(({ key, value }) => [key.slice(prefix.length), JSON.parse(value) as Refusal[]]),
      )
    },
    flush,
  }
}
