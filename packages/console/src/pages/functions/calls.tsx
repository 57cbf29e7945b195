import { Button, NativeSelect } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { client } from '../../app/client.ts'
import { callOutcomes } from '../../app/page-searches.ts'
import { Empty } from '../../parts/empty.tsx'
import { Fetched } from '../../parts/fetched.tsx'
import { duration } from '../../parts/format/duration.ts'
import { brief, instant } from '../../parts/format/instant.ts'
import { none } from '../../parts/format/number.ts'
import { Section } from '../../parts/section.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Table } from '../../parts/table.tsx'
import type { Tone } from '../../parts/tone.ts'
import { useNow } from '../../parts/use-now.ts'
import classes from './functions.module.css'
import type { CallItem, CallWindow } from './functions-query.ts'

const route = getRouteApi('/shell/functions/$fn')
/** How often the newest calls are asked for, in ms. */
const renewal = 3_000

const tones: Readonly<Record<CallItem['outcome'], Tone>> = {
  ok: 'good',
  refused: 'warn',
  failed: 'bad',
  conflict: 'warn',
  timeout: 'bad',
  overloaded: 'bad',
}

/** The newest calls of a function, as they come; without their arguments, which nobody keeps. */
export function Calls(props: { readonly fn: string; readonly window: CallWindow }) {
  const { fn, window } = props
  const { outcome } = route.useSearch()
  const navigate = useNavigate()
  const query = useInfiniteQuery({
    queryKey: ['functions', 'calls', fn, window],
    queryFn: ({ pageParam: cursor, signal }) => client.functions.calls({ fn, window, cursor }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (former) => former,
    // Older pages belong to the moment the first was asked for.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : renewal),
  })
  const calls = query.data?.pages.flatMap(({ items }) => items)
  const paused = (query.data?.pages.length ?? 0) > 1
  return (
    <Section
      title="Calls"
      note={paused ? 'Not renewed while older ones are shown.' : 'Newest first, as they come.'}
      tools={
        <NativeSelect
          size="xs"
          aria-label="Outcome"
          value={outcome ?? ''}
          data={[{ value: '', label: 'Every outcome' }, ...callOutcomes]}
          onChange={({ currentTarget }) =>
            void navigate({
              to: '.',
              search: (former) => ({
                ...former,
                outcome: callOutcomes.find((each) => each === currentTarget.value),
              }),
              replace: true,
            })
          }
        />
      }
    >
      <Fetched what="calls" query={{ ...query, data: calls }}>
        {(all) => {
          const shown = outcome === undefined ? all : all.filter((call) => call.outcome === outcome)
          return (
            <>
              {all.length === 0 ? (
                <Empty title="It was not called in this window">
                  Run it above, or look at a longer time.
                </Empty>
              ) : shown.length === 0 ? (
                <Empty title={`None of the newest ${all.length} calls ended so`} />
              ) : (
                <CallTable calls={shown} />
              )}
              <div className={classes.more}>
                {query.hasNextPage ? (
                  <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    Show older
                  </Button>
                ) : null}
                {outcome === undefined || all.length === 0 ? null : (
                  <span className="muted">
                    {shown.length} of the newest {all.length}
                  </span>
                )}
              </div>
            </>
          )
        }}
      </Fetched>
    </Section>
  )
}

function CallTable(props: { readonly calls: readonly CallItem[] }) {
  const now = useNow()
  return (
    <Table
      caption="Newest calls"
      rows={props.calls.map((call, at) => ({ ...call, key: `${call.at} ${call.traceId ?? at}` }))}
      keyOf={({ key }) => key}
      columns={[
        {
          header: 'Time',
          cell: ({ at }) => (
            <time className="nowrap" dateTime={at} title={instant(at)}>
              {brief(at, now)}
            </time>
          ),
        },
        {
          header: 'Outcome',
          cell: ({ outcome, code }) => (
            <>
              <StatusChip status={outcome} tone={tones[outcome]} />
              {code === undefined ? null : <code className={classes.code}>{code}</code>}
            </>
          ),
        },
        { header: 'Took', numeric: true, cell: ({ ms }) => duration(ms) },
        { header: 'Caller', grow: true, cell: ({ principal }) => principal, wideOnly: true },
        { header: 'Commit', numeric: true, cell: CommitLink },
        { header: 'Trace', cell: TraceLink, wideOnly: true },
      ]}
    />
  )
}

function CommitLink({ number }: CallItem) {
  if (number === undefined) return <span className="muted">{none}</span>
  return (
    <Link to="/tables" search={{ asOf: String(number) }}>
      {number}
    </Link>
  )
}

function TraceLink({ traceId }: CallItem) {
  if (traceId === undefined || !/^[0-9a-f]{32}$/i.test(traceId)) return <span className="muted">{none}</span>
  return (
    <Link to="/telemetry/trace/$id" params={{ id: traceId }} className="mono">
      {traceId.slice(0, 8)}
    </Link>
  )
}
