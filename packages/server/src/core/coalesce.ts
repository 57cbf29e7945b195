/**
 * Makes an asking that many can share without hearing anything from before they asked: who comes while one is under way
 * waits for the next one, together with all who come until that begins.
 */
export function coalesce<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let current: Promise<unknown> | null = null
  let next: Promise<Answer> | null = null

  function start(): Promise<Answer> {
    const mine = ask()
    const over = () => {
      if (current === mine) current = null
    }
    current = mine
    mine.then(over, over)
    return mine
  }

  return () => {
    if (current === null) return start()
    next ??= current
      .catch(() => undefined)
      .then(() => {
        next = null
        return start()
      })
    return next
  }
}
