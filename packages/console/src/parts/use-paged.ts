import { useInfiniteQuery } from '@tanstack/react-query'

interface PageOf<Item> {
  readonly items: readonly Item[]
  readonly nextCursor?: string | undefined
}

/** A list that comes page by page, with all of its pages in one; renewed each 30 s while it is looked at. */
export function usePaged<Item>(
  queryKey: readonly string[],
  fetchPage: (at: { cursor?: string }, options: { signal: AbortSignal }) => Promise<PageOf<Item>>,
) {
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam === '' ? {} : { cursor: pageParam }, { signal }),
    getNextPageParam: (last) => last.nextCursor,
    refetchInterval: 30_000,
  })
  return {
    data: query.data?.pages.flatMap(({ items }) => items),
    error: query.error,
    refetch: query.refetch,
    dataUpdatedAt: query.dataUpdatedAt,
    /** Fetches the next page; undefined: this is all. */
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    loadingMore: query.isFetchingNextPage,
  }
}
