import type { Contract } from '@quarterdeck/sdk/contract'
import type { OutputOf } from '@quarterdeck/sdk/operation'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

export type TableItem = OutputOf<Contract['functions']['tables']>['items'][number]
export type RowItem = OutputOf<Contract['functions']['rows']>['items'][number]
export type VersionItem = OutputOf<Contract['functions']['versions']>['items'][number]

/** The tables of the app, and the number of the newest commit. */
export const tablesQuery = queryOptions({
  queryKey: ['tables'],
  queryFn: ({ signal }) => client.functions.tables({}, { signal }),
  refetchInterval: 5_000,
})
