const signInPath = '/console/sign-in'
/** Characters that the server takes. */
const longest = 2_048

/** Where a page leads back to after signing in: only into the console, whatever a link says. */
export function safeReturnTo(given: string | undefined): string {
  const path = given ?? ''
  const outside = [signInPath, '/console/claim'].some((page) => path.startsWith(page))
  const taken = path.startsWith('/console/') && !path.includes('\\') && path.length <= longest
  return taken && !outside ? path : '/console/'
}

/** Leaves for the sign-in page, once, remembering this page. A full load: nothing of the old session stays in memory. */
export function leaveForSignIn(): void {
  const { pathname, search } = window.location
  if (pathname.startsWith(signInPath)) return
  window.location.assign(`${signInPath}?returnTo=${encodeURIComponent(pathname + search)}`)
}
