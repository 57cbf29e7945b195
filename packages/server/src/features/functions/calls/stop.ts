import { Fault, fault } from '@quarterdeck/sdk/errors'

/** What ends a call before it is done: its deadline, or its caller's leaving. */
export interface Stop {
  /** Throws once the call is to end. */
  check(): void
  /** Aborted then. Made when it is first asked for. */
  signal(): AbortSignal
  /**
   * Told once, why; answers what takes that back. Whoever does nothing but wait hears of the caller's leaving too; others
   * meet it at their next `check`.
   */
  hear(told: (reason: Fault) => void, waiting?: 'waiting'): () => void
  /** A commit is under way, or no longer: it is awaited beyond the deadline. */
  committing: boolean
  /**
   * What a run gives, or the reason once the call is to end, whatever the run still does. A commit that was sent is
   * awaited 5 s more; then `outcome_unknown`.
   */
  within<Result>(run: () => Promise<Result>): Promise<Result>
}

const graceMs = 5_000

/** Makes what stops a call after `ms`, or when `signal` aborts. */
export function createStop(needs: {
  readonly ms: number
  readonly signal: AbortSignal
  readonly after: (ms: number, run: () => void) => () => void
}): Stop {
  const { after, signal: caller } = needs
  let listeners: Set<(reason: Fault) => void> | null = null
  let reason: Fault | null = null
  let controller: AbortController | null = null
  let linked = false

  function stop(why: Fault): void {
    if (reason !== null) return
    reason = why
    controller?.abort(why)
    for (const told of listeners ?? []) told(why)
    listeners = null
  }

  const gone = () =>
    stop(caller.reason instanceof Fault ? caller.reason : fault('deadline_exceeded', 'The caller has gone'))

  /** Nearly no call waits for its caller's leaving: it is listened for once somebody does. */
  function link(): void {
    if (linked) return
    linked = true
    if (caller.aborted) gone()
    else caller.addEventListener('abort', gone, { once: true })
  }

  const self: Stop = {
    committing: false,
    check() {
      if (reason === null && caller.aborted) gone()
      if (reason !== null) throw reason
    },
    signal() {
      link()
      if (controller === null) {
        controller = new AbortController()
        if (reason !== null) controller.abort(reason)
      }
      return controller.signal
    },
    hear(told, waiting) {
      if (waiting !== undefined) link()
      if (reason !== null) told(reason)
      else {
        listeners ??= new Set()
        listeners.add(told)
      }
      return () => listeners?.delete(told)
    },
    within: (run) =>
      new Promise((resolve, reject) => {
        let cancelGrace = () => {}
        const late = () => {
          const why = fault('deadline_exceeded')
          stop(why)
          if (!self.committing) return reject(why)
          cancelGrace = after(graceMs, () => reject(self.committing ? fault('outcome_unknown') : why))
        }
        const inTime = after(needs.ms, late)
        const over = () => {
          inTime()
          cancelGrace()
          if (linked) caller.removeEventListener('abort', gone)
        }
        run().then(
          (result) => {
            over()
            resolve(result)
          },
          (error: unknown) => {
            over()
            reject(error)
          },
        )
      }),
  }
  return self
}
