import { Button } from '@mantine/core'
import { Fault } from '@quarterdeck/sdk/errors'
import { useInfiniteQuery } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { Empty } from '../../parts/empty.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Fetched } from '../../parts/fetched.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { Section } from '../../parts/section.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { hiddenFields } from './hidden-fields.ts'
import classes from './tables.module.css'
import type { TableItem, VersionItem } from './tables-query.ts'
import { useNewest } from './use-newest.ts'
import { Hidden } from './value.tsx'
import { VersionList } from './version-list.tsx'

/** One row: what stands in it now, and every version that the history keeps. */
export function Row(props: { readonly table: TableItem; readonly id: string; readonly last: number }) {
  const { table, id, last } = props
  const query = useInfiniteQuery({
    queryKey: ['tables', table.name, 'versions', id],
    queryFn: ({ pageParam: cursor, signal }) =>
      client.functions.versions({ table: table.name, id, cursor }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const versions = query.data?.pages.flatMap(({ items }) => items)
  useNewest(last, (query.data?.pages.length ?? 0) > 1, query.refetch)
  const [newest] = versions ?? []
  const missing = query.error instanceof Fault && query.error.code === 'not_found'
  if (missing || versions?.length === 0) {
    return (
      <Section title="Versions">
        <Empty title="The history holds no version of this row">
          There never was one, or it was deleted longer ago than the history is kept.
        </Empty>
      </Section>
    )
  }
  return (
    <>
      {newest === undefined ? null : <Present table={table} newest={newest} />}
      <Section
        title="Versions"
        count={query.hasNextPage ? undefined : versions?.length}
        note="Newest first, as far as the history is kept."
      >
        <Fetched what="versions" query={{ ...query, data: versions }}>
          {(all) => (
            <VersionList
              table={table.name}
              versions={all}
              whole={!query.hasNextPage}
              masked={hiddenFields(table).length > 0}
            />
          )}
        </Fetched>
        {query.hasNextPage ? (
          <div className={classes.more}>
            <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Show older
            </Button>
          </div>
        ) : null}
      </Section>
    </>
  )
}

function Present(props: { readonly table: TableItem; readonly newest: VersionItem }) {
  const { table, newest } = props
  const hidden = hiddenFields(table)
  const gone = newest.endedBy !== null
  return (
    <Section
      title={gone ? 'As it was last' : 'Now'}
      tools={gone ? <StatusChip status="deleted" tone="bad" /> : null}
    >
      <Facts
        facts={{
          Owner: newest.owner,
          'Written by commit': String(newest.number),
          ...Object.fromEntries(hidden.map((path) => [path, <Hidden key={path} />])),
        }}
      />
      <ScrollRegion className={classes.json} label="Document">
        <pre>{JSON.stringify(newest.data, null, 2)}</pre>
      </ScrollRegion>
    </Section>
  )
}
