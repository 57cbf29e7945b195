import type { Contract } from '@quarterdeck/sdk/contract'
import type { OutputOf } from '@quarterdeck/sdk/operation'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import type { callWindows } from '../../app/page-searches.ts'

export type FunctionList = OutputOf<Contract['functions']['list']>
export type FunctionItem = FunctionList['items'][number]
export type CallItem = OutputOf<Contract['functions']['calls']>['items'][number]
export type CallWindow = (typeof callWindows)[number]

/** How often what is shown of functions is asked for again, in ms. */
export const renewal = 5_000

/** All functions, and how they did in the window. */
export function functionsQuery(window: CallWindow) {
  return queryOptions({
    queryKey: ['functions', 'list', window],
    queryFn: ({ signal }) => client.functions.list({ window }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: renewal,
  })
}

/** One function, and how it did in the window. */
export function functionQuery(fn: string, window: CallWindow) {
  return queryOptions({
    queryKey: ['functions', 'one', fn, window],
    queryFn: ({ signal }) => client.functions.get({ fn, window }, { signal }),
    refetchInterval: renewal,
  })
}
