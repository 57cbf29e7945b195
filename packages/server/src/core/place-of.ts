/**
 * Where an error was thrown, for logs: its frames without its message, which may hold what somebody sent. Undefined where
 * they cannot be told apart.
 */
export function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return undefined
  const { stack, message } = error
  const said = message === '' ? stack.indexOf('\n') : stack.indexOf(message)
  const end = said + message.length
  if (said < 0 || stack.slice(0, said).includes('\n') || !stack.startsWith('\n    at ', end)) return undefined
  const frames = stack.slice(end + 1).split('\n', 5)
  return frames.map((frame) => frame.trim()).join(' ')
}

/** What logs say of an error that a function, or what stands around it, has thrown: its name and its place. */
export const errorWords = (error: unknown) => ({
  error: error instanceof Error ? error.name : typeof error,
  at: placeOf(error),
})
