import type { ServerResponse } from 'node:http'
import { fault } from '@quarterdeck/sdk/errors'
import type { After } from './timeouts.ts'

/** A call under way: its signal, and what starts its time. */
export interface Underway {
  readonly signal: AbortSignal
  /** To be called once the input is there: a slow body takes nothing from the handler's time. */
  begin(): void
}

/**
 * Runs a call that is aborted when its client goes, or when its time (ms) is over: then it rejects with
 * `deadline_exceeded`, whatever the call still does.
 */
export function runWithin<Output>(
  { after, outgoing, ms }: { readonly after: After; readonly outgoing: ServerResponse; readonly ms: number },
  run: (underway: Underway) => Promise<Output>,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const stop = new AbortController()
    let inTime = () => {}
    const late = () => {
      const reason = fault('deadline_exceeded')
      stop.abort(reason)
      reject(reason)
    }
    const gone = () => stop.abort()
    const over = () => {
      inTime()
      outgoing.off('close', gone)
    }
    const begin = () => {
      inTime = after(ms, late)
    }
    outgoing.on('close', gone)
    run({ signal: stop.signal, begin }).then(
      (output) => {
        over()
        resolve(output)
      },
      (error: unknown) => {
        over()
        reject(error)
      },
    )
  })
}
