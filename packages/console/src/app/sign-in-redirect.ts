const signInPath = '/console/sign-in'

/** Where a page leads back to after signing in: only into the console, whatever a link says. */
export function safeReturnTo(given: string | undefined): string {
  const path = given ?? ''
  return path.startsWith('/console/') && !path.startsWith(signInPath) ? path : '/console/'
}

/** Leaves for the sign-in page, once, remembering this page. A full load: nothing of the old session stays in memory. */
export function leaveForSignIn(): void {
  const { pathname, search } = window.location
  if (pathname.startsWith(signInPath)) return
  window.location.assign(`${signInPath}?returnTo=${encodeURIComponent(pathname + search)}`)
}
