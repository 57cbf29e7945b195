import { backoff } from '../client/backoff.ts'
import type { Pause } from '../client/pause.ts'
import type { Receipt } from '../contract/record.ts'
import { Fault } from '../errors.ts'
import type { Backlog, Change, Kept, LogName } from '../outbox/backlog.ts'
import type { Outbox } from '../outbox.ts'
import type { Sink } from './sink.ts'

const most = { records: 1_000, bytes: 4_194_304 - 2 }
const firstWait = 250
const longestWait = 30_000

/** Takes one log of a backlog to one sink, in order, a batch at a time. */
export interface Delivery {
  /** Something new waits. */
  readonly wake: () => void
  /** Sends what waits now without waiting out a retry; ends at the first batch that must be retried. */
  readonly pass: () => Promise<readonly Receipt[]>
  /** Ends after the batch under way, or at once by the signal. */
  readonly stop: () => Promise<void>
}

type Outcome = 'idle' | 'moved' | Fault

/** Begins delivering at once. */
export function createDelivery(needs: {
  readonly sink: Sink
  readonly log: LogName
  readonly backlog: Backlog
  readonly outbox: Outbox
  readonly pause: Pause
  readonly random: () => number
  /** Ends the request under way. */
  readonly signal: AbortSignal
}): Delivery {
  const { sink, log, backlog, outbox } = needs
  const listeners = new Set<(receipts: readonly Receipt[]) => void>()
  let size = most.records
  let failures = 0
  let stopped = false
  let rouse = new AbortController()
  let turn: Promise<unknown> = Promise.resolve()

  /** One batch at a time, whoever asks for it. */
  function step(): Promise<Outcome> {
    const mine = turn.then(sendOne, sendOne)
    turn = mine
    return mine
  }

  async function sendOne(): Promise<Outcome> {
    const batch = backlog.oldest(sink.name, log, { ...most, records: size })
    if (batch.length === 0) return 'idle'
    try {
      const receipts = await sink.deliver(
        log,
        batch.map((kept) => kept.record),
        needs.signal,
      )
      await outbox.write(settled(batch, receipts))
      for (const listener of listeners) listener(receipts)
      size = Math.min(most.records, size * 2)
    } catch (error) {
      const fault =
        error instanceof Fault ? error : new Fault('dependency_unavailable', undefined, { cause: error })
      if (mayBeRetried(fault)) return fault
      if (concernsContent(fault) && batch.length > 1) size = Math.ceil(batch.length / 2)
      else await outbox.write(batch.map((kept) => refused(kept, fault.code, fault.issues)))
    }
    failures = 0
    return 'moved'
  }

  function settled(batch: readonly Kept[], receipts: readonly Receipt[]): Change[] {
    const done: number[] = []
    const lost: Change[] = []
    for (const [index, kept] of batch.entries()) {
      const receipt = receipts[index]
      if (receipt?.status === 'accepted' || receipt?.status === 'duplicate') done.push(kept.n)
      else if (receipt !== undefined) lost.push(refused(kept, codeOf(receipt), receipt.issues))
    }
    return [{ done, sink: sink.name }, ...lost]
  }

  function refused(kept: Kept, code: string, issues: Receipt['issues'] | Fault['issues']): Change {
    return { lost: kept.n, sink: sink.name, code, ...(issues === undefined ? {} : { issues }) }
  }

  async function run(): Promise<void> {
    while (!stopped) {
      // Taken before the step: what arrives during it must not be slept through.
      const roused = rouse.signal
      const outcome = await step().catch(
        (cause: unknown) => new Fault('dependency_unavailable', undefined, { cause }),
      )
      if (stopped) return
      if (outcome === 'idle') await until(roused)
      else if (outcome instanceof Fault) {
        const wait = backoff(failures, firstWait, longestWait, needs.random)
        failures += 1
        const asked = Number(outcome.members.retryAfterMs ?? 0)
        await needs.pause(Math.max(asked, wait), stopSignal.signal)
      }
    }
  }

  const stopSignal = new AbortController()
  const running = run()

  return {
    wake() {
      rouse.abort()
      rouse = new AbortController()
    },
    async pass() {
      const receipts: Receipt[] = []
      const collect = (more: readonly Receipt[]) => receipts.push(...more)
      listeners.add(collect)
      try {
        const upTo = backlog.last().n
        for (;;) {
          const [oldest] = backlog.oldest(sink.name, log, { records: 1, bytes: 0 })
          if (oldest === undefined || oldest.n > upTo) return receipts
          const outcome = await step()
          if (outcome instanceof Fault) return receipts
        }
      } finally {
        listeners.delete(collect)
      }
    },
    async stop() {
      stopped = true
      stopSignal.abort()
      rouse.abort()
      await running
    },
  }
}

/** 401 too: a token is rotated while the producer runs, and nothing may be lost meanwhile. */
function mayBeRetried(fault: Fault): boolean {
  const status = statusOf(fault)
  return status === 401 || status === 408 || status === 429 || status >= 500
}

/** Refusals that one record of a batch can cause for all of it. */
function concernsContent(fault: Fault): boolean {
  return [400, 413, 422].includes(statusOf(fault))
}

function statusOf(fault: Fault): number {
  const { httpStatus } = fault.members
  return typeof httpStatus === 'number' ? httpStatus : fault.status
}

function codeOf(receipt: Receipt): string {
  return receipt.code ?? (receipt.status === 'conflict' ? 'record_conflict' : 'invalid')
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
