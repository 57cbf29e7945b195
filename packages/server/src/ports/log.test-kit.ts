import { afterEach } from 'vitest'
import type { Entry, Log, LogShape, Seal } from './log.ts'

/** One engine under test: opens handles on the same stored log. */
export interface LogStand {
  /** A handle on the log; each call gives a new one on the same store. */
  open(): Promise<Log>
  /** Whether two handles at once may write (two processes on one store). */
  readonly shared: boolean
  /** Whether what was stored is there after every handle was closed. */
  readonly durable: boolean
  /** Makes the engine go away, if that can be done to it. */
  readonly lose?: () => Promise<void>
  dispose(): Promise<void>
}

/** The shape that the suite runs with. */
export const suiteShape: LogShape = {
  name: 'suite',
  table: 'console_suite_log',
  columns: {
    kind: { type: 'text', required: true },
    product: { type: 'text' },
    tokens: { type: 'integer' },
    cost: { type: 'real' },
  },
  open: true,
  indexes: [['kind']],
  chained: false,
}

export const suiteSeal: Seal = (entry) =>
  Buffer.from(`${entry.prevHash.slice(0, 8)}/${entry.position}/${entry.id}`)
    .toString('hex')
    .padEnd(64, '0')
    .slice(0, 64)

/** A digest that stands for a content. */
export const digest = (content: string) => Buffer.from(content).toString('hex').padEnd(64, '0').slice(0, 64)

/** An entry of the suite; anything can be said otherwise. */
export function suiteEntry(id: string, more: Partial<Entry> = {}): Entry {
  return {
    id,
    digest: digest(id),
    occurredAt: 1_700_000_000_000,
    receivedAt: 1_700_000_001_000,
    attributes: { kind: 'note', product: null, tokens: null, cost: null },
    payload: JSON.stringify({ id }),
    ...more,
  }
}

/** Attributes of an entry. */
export const told = (kind: string, more: Record<string, string | number | boolean | null> = {}) => ({
  kind,
  product: null,
  tokens: null,
  cost: null,
  ...more,
})

/** Opens stands of an engine for the tests of a suite, and closes them behind each. */
export function openingLogs(stand: (shape: LogShape, seal?: Seal) => Promise<LogStand>) {
  const stands: LogStand[] = []
  const logs: Log[] = []
  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close()
    for (const one of stands.splice(0)) await one.dispose()
  })
  return async function start(shape = suiteShape, seal?: Seal) {
    const one = await stand(shape, seal)
    stands.push(one)
    const open = async () => {
      const log = await one.open()
      logs.push(log)
      return log
    }
    return { one, open, log: await open() }
  }
}
