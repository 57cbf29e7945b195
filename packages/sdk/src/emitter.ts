import { type Pause, pause } from './client/pause.ts'
import type { Producer, Receipt } from './contract/record.ts'
import { createDelivery, type Delivery } from './emitter/delivery.ts'
import { httpSink } from './emitter/http-sink.ts'
import type { Sink } from './emitter/sink.ts'
import { type Emitted, type EmittedTelemetry, stamp, stampTelemetry } from './emitter/stamp.ts'
import { fault } from './errors.ts'
import type { Backlog, Kept, LogName, Undelivered } from './outbox/backlog.ts'
import type { Outbox } from './outbox.ts'

export { fileSink } from './emitter/file-sink.ts'
export { httpSink } from './emitter/http-sink.ts'
export { memorySink } from './emitter/memory-sink.ts'
export type { Sink } from './emitter/sink.ts'
export type { Emitted, EmittedTelemetry } from './emitter/stamp.ts'

export interface EmitterOptions {
  readonly url: string
  /** A token, or where to find the newest one. It is never written anywhere. */
  readonly token: string | (() => string | undefined)
  /** Added to each record that names none. */
  readonly producer: Producer
  readonly outbox: Outbox
  /** Instead of the server at `url`; each is delivered to apart from the others. */
  readonly sinks?: readonly Sink[]
  readonly fetch?: typeof fetch
  /** Unix milliseconds. */
  readonly now?: () => number
  readonly random?: () => number
  readonly pause?: Pause
  readonly newId?: () => string
}

export interface EmitterStatus {
  /** Records that some sink has not answered for yet. */
  readonly pending: number
  /** Records that a sink refused for good. */
  readonly undelivered: number
  /** Records given up: telemetry above 10,000 waiting, refusals above 10,000 kept. */
  readonly dropped: number
  readonly sinks: Readonly<Record<string, { readonly pending: number; readonly undelivered: number }>>
}

export interface Emitter {
  /** Resolves with the record's id once the outbox has it. Sending goes on behind. */
  readonly emit: (record: Emitted) => Promise<string>
  readonly telemetry: (record: EmittedTelemetry) => Promise<string>
  /** Tries once to deliver all that waits; resolves with the receipts got. What could not be sent stays pending. */
  readonly flush: () => Promise<readonly Receipt[]>
  readonly status: () => EmitterStatus
  /** What was refused, with its code: the newest 10,000. */
  readonly undelivered: () => readonly Undelivered[]
  /** Tries for 5 s to deliver what waits, then leaves the rest to the outbox. */
  readonly close: () => Promise<void>
}

/** The largest record a server takes. */
const largest = 262_144
const closingPatience = 5_000

/** Takes a producer's records safely to a server that may be away. */
export function createEmitter(options: EmitterOptions): Emitter {
  const now = options.now ?? Date.now
  const newId = options.newId ?? (() => crypto.randomUUID())
  const sinks = options.sinks ?? [httpSink(options)]
  const names = sinks.map((sink) => sink.name)
  const abort = new AbortController()
  const encoder = new TextEncoder()
  let backlog: Backlog | undefined
  let deliveries: readonly Delivery[] = []
  let closing = false
  let n = 0
  const sequence = { records: 0, telemetry: 0 }

  const opened = options.outbox.open(names).then((found) => {
    backlog = found
    n = found.last().n
    Object.assign(sequence, found.last().sequence)
    deliveries = sinks.flatMap((sink) =>
      (['records', 'telemetry'] as const).map((log) =>
        createDelivery({
          sink,
          log,
          backlog: found,
          outbox: options.outbox,
          pause: options.pause ?? pause,
          random: options.random ?? Math.random,
          signal: abort.signal,
        }),
      ),
    )
  })
  // Whoever emits, flushes or closes is told; until then it is nobody's unhandled rejection.
  opened.catch(() => {})

  async function keep(
    log: LogName,
    complete: (needs: Parameters<typeof stamp>[1]) => Omit<Kept, 'n' | 'log' | 'bytes'>,
  ) {
    await opened
    if (closing) throw fault('draining', 'The emitter is closed')
    const before = sequence[log]
    const stamped = complete({
      producer: options.producer,
      now,
      newId,
      nextSequence: () => {
        sequence[log] += 1
        return sequence[log]
      },
    })
    const bytes = encoder.encode(JSON.stringify(stamped.record)).length
    if (bytes > largest) {
      sequence[log] = before
      throw fault('body_too_large', `A record holds at most ${largest} bytes; this one has ${bytes}`)
    }
    sequence[log] = Math.max(sequence[log], stamped.sequence ?? 0)
    n += 1
    await options.outbox.write([{ put: { n, log, bytes, ...stamped } }])
    for (const delivery of deliveries) delivery.wake()
    return stamped.id
  }

  async function flush(): Promise<readonly Receipt[]> {
    await opened
    return (await Promise.all(deliveries.map((delivery) => delivery.pass()))).flat()
  }

  async function shut(): Promise<void> {
    closing = true
    await opened
    const timer = setTimeout(() => abort.abort(), closingPatience)
    try {
      await flush().catch(() => {})
    } finally {
      clearTimeout(timer)
      abort.abort()
      await Promise.all(deliveries.map((delivery) => delivery.stop()))
      await options.outbox.close()
    }
  }

  let shutting: Promise<void> | undefined
  return {
    emit: (record) => keep('records', (needs) => stamp(record, needs)),
    telemetry: (record) => keep('telemetry', (needs) => stampTelemetry(record, needs)),
    flush,
    undelivered: () => backlog?.undelivered() ?? [],
    status() {
      const refused = backlog?.undelivered() ?? []
      const each = names.map((name) => ({
        name,
        pending: backlog?.pending(name) ?? 0,
        undelivered: refused.filter(({ sink }) => sink === name).length,
      }))
      return {
        pending: each.reduce((sum, { pending }) => sum + pending, 0),
        undelivered: refused.length,
        dropped: backlog?.dropped() ?? 0,
        sinks: Object.fromEntries(each.map(({ name, ...counts }) => [name, counts])),
      }
    },
    close() {
      shutting ??= shut()
      return shutting
    },
  }
}
