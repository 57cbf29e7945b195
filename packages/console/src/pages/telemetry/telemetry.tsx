import { useInfiniteQuery } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { appendCommand } from '../../parts/append-command.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loading } from '../../parts/loading.tsx'
import { Page } from '../../parts/page.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Section } from '../../parts/section.tsx'
import { Facets } from './facets.tsx'
import { Flows } from './flows.tsx'
import { Records } from './records.tsx'
import { SeriesPanel } from './series-panel.tsx'
import classes from './telemetry.module.css'
import { Tools } from './tools.tsx'
import { Totals } from './totals.tsx'
import { useTelemetrySearch } from './use-telemetry-search.ts'
import { isIncomplete, renewal, windowOf } from './window.ts'
import { WindowBar } from './window-bar.tsx'

/** What was measured in a window of time, narrowed by facets; all of it in the URL. */
export function Telemetry() {
  const [search] = useTelemetrySearch()
  const asked = { ...windowOf(search), sort: search.sort }
  const incomplete = isIncomplete(search)
  const query = useInfiniteQuery({
    queryKey: ['telemetry', asked],
    queryFn: ({ pageParam: cursor, signal }) => client.telemetry.query({ ...asked, cursor }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: !incomplete,
    placeholderData: (former) => former,
    // Further pages belong to the moment the first was asked for.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : renewal(search)),
  })
  const [answer] = query.data?.pages ?? []
  const records = query.data?.pages.flatMap((page) => page.records) ?? []
  return (
    <Page title="Telemetry" note="What producers measured.">
      <WindowBar />
      {incomplete ? <Empty title="Choose from when until when" /> : null}
      {query.error === null ? null : <Problem error={query.error} retry={query.refetch} />}
      {answer === undefined && query.error === null && !incomplete ? (
        <Loading lines={6} what="telemetry" />
      ) : null}
      {answer === undefined ? null : (
        <div className={classes.columns}>
          <Facets facets={answer.facets} />
          <div className="stack">
            {answer.warnings.map((warning) => (
              <p key={warning} className={classes.warning} role="status">
                {warning}
              </p>
            ))}
            <Totals answer={answer} />
            {answer.totals.records === 0 ? (
              <Section title="Records">
                <Empty title="Nothing was measured in this window" command={firstMeasurement()}>
                  Widen the window or take a filter away. This command measures something now:
                </Empty>
              </Section>
            ) : (
              <>
                <SeriesPanel facets={answer.facets} />
                <Tools tools={answer.tools} />
                <Flows flows={answer.flows} />
                <Records
                  records={records}
                  total={answer.totals.records}
                  more={query.hasNextPage ? query.fetchNextPage : undefined}
                  loading={query.isFetchingNextPage}
                />
              </>
            )}
          </div>
        </div>
      )}
    </Page>
  )
}

function firstMeasurement(): string {
  const now = Date.now()
  return appendCommand(
    {
      schema_version: '0.3.0',
      event_type: 'tool.result',
      session_id: 's-1',
      event_id: `s-1:${now}`,
      timestamp: now,
      agent: { name: 'builder' },
      tool: { name: 'run_tests', duration_ms: 8_120, outcome: 'pass' },
    },
    '/telemetry/records',
  )
}
