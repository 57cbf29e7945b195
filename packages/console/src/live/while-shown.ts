/** How long a page may be hidden before its stream is let go, in ms. */
const patience = 30_000

/** What it needs to know of a page. */
export type Shown = Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>

/** A stream that can be taken up again after its last event. */
interface Followed {
  readonly lastEventId: string | undefined
  readonly close: () => void
}

export interface Following {
  /** Opens it again where it was, if the page is shown; else once it is. */
  readonly again: () => void
  readonly stop: () => void
}

/**
 * Keeps a stream open while its page is looked at. Hidden for 30 s it is closed, and taken up where it was when the
 * page is shown: over HTTP/1.1 a browser has six connections to a server for all tabs together.
 */
export function whileShown(needs: {
  readonly page: Shown
  readonly open: (after: string | undefined) => Followed
}): Following {
  const { page, open } = needs
  let stream: Followed | undefined
  let after: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  function letGo(): void {
    after = stream?.lastEventId ?? after
    stream?.close()
    stream = undefined
  }

  function look(): void {
    clearTimeout(timer)
    if (page.visibilityState === 'hidden') timer = setTimeout(letGo, patience)
    else stream ??= open(after)
  }

  stream = open(undefined)
  look()
  page.addEventListener('visibilitychange', look)
  return {
    again() {
      if (stopped) return
      letGo()
      look()
    },
    stop() {
      stopped = true
      clearTimeout(timer)
      page.removeEventListener('visibilitychange', look)
      letGo()
    },
  }
}
