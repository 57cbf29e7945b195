const name = 'quarterdeck-session'

/**
 * Makes a call that puts another session in the place of this browser's. The server ends the old one before its answer
 * brings the new one: what would read the session meanwhile, in any tab, waits for that instead of being refused.
 */
export function changingSession<T>(call: () => Promise<T>): Promise<T> {
  // Not there where a page is neither on https nor on this machine; such a page has no session either.
  return 'locks' in navigator ? navigator.locks.request(name, call) : call()
}

/** Runs once no call of any tab is changing the session. */
export function afterSessionChange<T>(read: () => Promise<T>): Promise<T> {
  return 'locks' in navigator ? navigator.locks.request(name, { mode: 'shared' }, read) : read()
}
