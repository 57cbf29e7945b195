/** Waits so many milliseconds, or less: an abort ends the wait at once and is not an error. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>

/** Waits by the clock of the machine. */
export const pause: Pause = (ms, signal) =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal?.addEventListener('abort', finish, { once: true })
  })
