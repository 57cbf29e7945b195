import type { Tracer } from '../../../core/tracer.ts'
import type { Mail, Message } from '../../../ports/mail.ts'

/** Before anything is looked up: by then the answer that asked for it has left, whoever it was for. */
const firstPauseMs = 200
const retryPausesMs = [1_000, 5_000, 30_000]

/** Mail that leaves later than the answer that asked for it. */
export interface MailQueue {
  /** Takes a message that is made later; null: there is none to send. False when too many wait. */
  add(make: () => Promise<Message | null>): boolean
  /** Sends what waits without pausing any more, and takes nothing new. */
  stop(): Promise<void>
}

/** Makes the queue. Three more tries follow a failed one, further and further apart. */
export function createMailQueue(needs: {
  readonly mail: Pick<Mail, 'send'>
  readonly tracer: Tracer
  /** Resolves after so many ms, or at once when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** Hears why a message was given up. */
  readonly failed: (error: unknown) => void
  /** Messages that may wait; 1,000 unless said. */
  readonly most?: number
}): MailQueue {
  const { mail, tracer, pause, failed, most = 1_000 } = needs
  const stopping = new AbortController()
  const waiting = new Set<Promise<void>>()

  async function deliver(make: () => Promise<Message | null>): Promise<void> {
    await pause(firstPauseMs, stopping.signal)
    const message = await make()
    if (message === null) return
    for (let retry = 0; ; retry += 1) {
      try {
        return await tracer.span('mail.send', { 'mail.retry': retry }, () => mail.send(message))
      } catch (error) {
        const pauseMs = retryPausesMs[retry]
        const refused = error instanceof Error && error.name === 'MailRefused'
        // A server that goes down gives each message one try more, not all of them.
        if (refused || pauseMs === undefined || stopping.signal.aborted) throw error
        await pause(pauseMs, stopping.signal)
      }
    }
  }

  return {
    add(make) {
      if (stopping.signal.aborted || waiting.size >= most) return false
      const delivered = deliver(make)
        .catch(failed)
        .finally(() => waiting.delete(delivered))
      waiting.add(delivered)
      return true
    },
    async stop() {
      stopping.abort()
      await Promise.all(waiting)
    },
  }
}
