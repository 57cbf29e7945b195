import { Fault } from '@quarterdeck/sdk/errors'
import { QueryCache, QueryClient } from '@tanstack/react-query'
import { client } from './client.ts'
import { leaveForSignIn } from './sign-in-redirect.ts'

/** What was asked before, kept while the page is open. A 401 anywhere leads to the sign-in page. */
export const queries = new QueryClient({
  queryCache: new QueryCache({
    onError(error) {
      if (error instanceof Fault && error.status === 401) leaveForSignIn()
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && error instanceof Fault && error.status >= 500,
    },
  },
})

/** Who is signed in, and where. */
export const sessionQuery = {
  queryKey: ['session'],
  queryFn: ({ signal }: { signal: AbortSignal }) => client.identity.readSession({}, { signal }),
  staleTime: 60_000,
} as const
