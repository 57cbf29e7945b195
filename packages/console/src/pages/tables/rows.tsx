import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { client } from '../../app/client.ts'
import { Empty } from '../../parts/empty.tsx'
import { Fetched } from '../../parts/fetched.tsx'
import { Section } from '../../parts/section.tsx'
import { AsOfBar } from './as-of-bar.tsx'
import { parseWhere } from './conditions.ts'
import { Filters } from './filters.tsx'
import { IndexHint } from './index-hint.tsx'
import { NoRows } from './no-rows.tsx'
import { RowTable } from './row-table.tsx'
import classes from './tables.module.css'
import type { TableItem } from './tables-query.ts'
import { useNewest } from './use-newest.ts'

const route = getRouteApi('/shell/tables/$table')

/** The rows of a table, of all owners, that meet the conditions in the URL. */
export function Rows(props: { readonly table: TableItem; readonly last: number }) {
  const { table, last } = props
  const { asOf, where, orderBy } = route.useSearch()
  const query = useInfiniteQuery({
    queryKey: ['tables', table.name, 'rows', where ?? null, orderBy ?? null, asOf ?? null],
    queryFn: ({ pageParam: cursor, signal }) =>
      client.functions.rows({ table: table.name, where, orderBy, asOf, cursor }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (former) => former,
  })
  const pages = query.data?.pages ?? []
  const rows = query.data?.pages.flatMap(({ items }) => items)
  // Each of these reads is recorded: rows are asked for anew when there is something new, and not by the clock. Further
  // pages belong to the snapshot of the first.
  useNewest(last, asOf !== undefined || pages.length > 1, query.refetch)
  const conditions = parseWhere(where)
  const shown = query.isPlaceholderData ? undefined : pages[0]?.number
  return (
    <>
      <AsOfBar asOf={asOf} last={last} shown={shown} />
      <Filters table={table} conditions={conditions} orderBy={orderBy} />
      <Section
        title="Rows"
        count={query.hasNextPage || query.isPlaceholderData ? undefined : rows?.length}
        note={
          asOf === undefined
            ? 'Of all owners, now.'
            : `Of all owners, as of ${shown === undefined ? 'then' : `commit ${shown}`}.`
        }
      >
        <Fetched what="rows" query={{ ...query, data: rows }}>
          {(all) =>
            all.length === 0 ? (
              query.isPlaceholderData ? (
                <Empty title="Looking" />
              ) : (
                <NoRows table={table} narrowed={where !== undefined} isPast={asOf !== undefined} />
              )
            ) : (
              <div aria-busy={query.isPlaceholderData} className={classes.rows}>
                <RowTable table={table} rows={all} />
              </div>
            )
          }
        </Fetched>
        {query.error === null ? null : <IndexHint error={query.error} table={table} />}
        {query.hasNextPage ? (
          <div className={classes.more}>
            <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Show more
            </Button>
            <span className="muted">The first {rows?.length}</span>
          </div>
        ) : null}
      </Section>
    </>
  )
}
