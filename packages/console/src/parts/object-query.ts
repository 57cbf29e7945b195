import type { ArrayName } from '@quarterdeck/sdk/contract/record'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../app/client.ts'

/** One object with its newest 100 events, as of `at`. `seen` is the position it was last touched at: another, another answer. */
export function objectQuery(
  kind: ArrayName,
  product: string,
  id: string,
  at: string | undefined,
  seen: number | undefined,
) {
  return queryOptions({
    queryKey: ['object', kind, product, id, at ?? seen ?? null],
    queryFn: ({ signal }) => client.records.object({ kind, product, id, at }, { signal }),
    placeholderData: keepPreviousData,
  })
}
