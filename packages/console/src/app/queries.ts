import { Fault } from '@quarterdeck/sdk/errors'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { client } from './client.ts'
import { afterSessionChange } from './session-change.ts'
import { leaveForSignIn } from './sign-in-redirect.ts'

/** Who is signed in, and where. */
export const sessionQuery = {
  queryKey: ['session'],
  queryFn: readSession,
  staleTime: 60_000,
} as const

async function readSession({ signal }: { signal: AbortSignal }) {
  const read = () => client.identity.readSession({}, { signal })
  // Where there was one, another may just be taking its place.
  const known = queries.getQueryData(sessionQuery.queryKey) !== undefined
  return known ? afterSessionChange(read) : read()
}

/** What was asked before, kept while the page is open. Without a session everything leads to the sign-in page. */
export const queries = new QueryClient({
  queryCache: new QueryCache({
    onError(failure, { queryKey }) {
      if (queryKey[0] !== sessionQuery.queryKey[0]) lookAfterSession(failure)
      else if (isSignedOut(failure)) leaveForSignIn()
    },
  }),
  mutationCache: new MutationCache({ onError: lookAfterSession }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && error instanceof Fault && error.status >= 500,
    },
  },
})

/**
 * After a call that says that nobody is signed in: asks whether that is so, and leaves if it is. A call may have been
 * on its way with the session before, when enrolling a factor put another in its place.
 */
export function lookAfterSession(failure: unknown): void {
  if (isSignedOut(failure)) void sessionLives()
}

/** Whether there is a session still, as far as the server can be asked; where there is none, the page is left. */
export function sessionLives(): Promise<boolean> {
  return queries.fetchQuery({ ...sessionQuery, staleTime: 0 }).then(
    () => true,
    (failure) => !isSignedOut(failure),
  )
}

function isSignedOut(failure: unknown): boolean {
  return failure instanceof Fault && failure.status === 401
}
