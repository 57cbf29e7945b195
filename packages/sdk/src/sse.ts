/** One dispatched event of an event stream. `id` is absent where the event did not set one. */
export interface SseFrame {
  readonly event: string
  readonly data: string
  readonly id: string | undefined
}

export interface SseParser {
  /** Takes in the next piece of text, cut anywhere, and calls back for each event completed by it. */
  push(text: string): void
}

/** Reads server-sent events (WHATWG HTML §9.2.6). Comments are skipped; an event without data is not dispatched. */
export function createSseParser(needs: {
  readonly onFrame: (frame: SseFrame) => void
  /** The reconnection time in ms that the server asked for. */
  readonly onRetry?: (ms: number) => void
}): SseParser {
  let begun = false
  let skipLineFeed = false
  /** Pieces of the line not ended yet: joined once, so that a long event stays linear. */
  let pieces: string[] = []
  let data: string[] = []
  let event = ''
  let id: string | undefined

  function dispatch(): void {
    if (data.length > 0) needs.onFrame({ event: event === '' ? 'message' : event, data: data.join('\n'), id })
    data = []
    event = ''
    id = undefined
  }

  function line(text: string): void {
    if (text === '') {
      dispatch()
      return
    }
    const colon = text.indexOf(':')
    if (colon === 0) return
    const field = colon === -1 ? text : text.slice(0, colon)
    const value = colon === -1 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
    else if (field === 'retry' && /^\d+$/.test(value)) needs.onRetry?.(Number(value))
  }

  return {
    push(given) {
      let text = given
      if (!begun && text !== '') {
        begun = true
        if (text.startsWith('\uFEFF')) text = text.slice(1)
      }
      if (skipLineFeed && text !== '') {
        skipLineFeed = false
        if (text.startsWith('\n')) text = text.slice(1)
      }
      let from = 0
      for (const end of text.matchAll(/\r\n|\r|\n/g)) {
        pieces.push(text.slice(from, end.index))
        line(pieces.join(''))
        pieces = []
        from = end.index + end[0].length
        // The other half of a CRLF may come with the next piece.
        if (end[0] === '\r' && from === text.length) skipLineFeed = true
      }
      if (from < text.length) pieces.push(text.slice(from))
    },
  }
}
