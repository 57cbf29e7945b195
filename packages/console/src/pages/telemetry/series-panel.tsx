import { Select } from '@mantine/core'
import { measures, type TelemetryAnswer } from '@quarterdeck/sdk/contract/telemetry-query'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { SeriesChart } from '../../parts/chart/series-chart.tsx'
import { Empty } from '../../parts/empty.tsx'
import { duration } from '../../parts/format/duration.ts'
import { compact, money, none, percent } from '../../parts/format/number.ts'
import { Loading } from '../../parts/loading.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Section } from '../../parts/section.tsx'
import { Markers } from './markers.tsx'
import { useTelemetrySearch } from './use-telemetry-search.ts'
import { bucketFor, renewal, windowOf } from './window.ts'

type Measure = (typeof measures)[number]

const time = (value: number | null) => (value === null ? none : duration(value))
const shown: Readonly<Record<Measure, { label: string; format: (value: number | null) => string }>> = {
  records: { label: 'Records', format: compact },
  sessions: { label: 'Sessions', format: compact },
  failureRate: { label: 'Failure rate', format: percent },
  durationP50: { label: 'Duration, median', format: time },
  durationP95: { label: 'Duration, 95th percentile', format: time },
  inputTokens: { label: 'Input tokens', format: compact },
  outputTokens: { label: 'Output tokens', format: compact },
  costUsd: { label: 'Cost', format: money },
}

/** One measure over the window, by a facet, with what the platform did meanwhile. */
export function SeriesPanel(props: { readonly facets: TelemetryAnswer['facets'] }) {
  const [search, change] = useTelemetrySearch()
  const { measure = 'records', by } = search
  const bucket = bucketFor(search)
  const asked = { ...windowOf(search), measure, by, bucket }
  const { data, error, refetch } = useQuery({
    queryKey: ['series', asked],
    queryFn: ({ signal }) => client.telemetry.series(asked, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: renewal(search),
  })
  const { label, format } = shown[measure]
  const facet = props.facets.find(({ id }) => id === by)
  const title = facet === undefined ? `${label} over time` : `${label} by ${facet.label.toLowerCase()}`
  return (
    <Section
      title={title}
      note={`per ${bucket}`}
      tools={
        <>
          <Select
            aria-label="Measure"
            w={168}
            data={measures.map((value) => ({ value, label: shown[value].label }))}
            value={measure}
            allowDeselect={false}
            onChange={(chosen) => change({ measure: measures.find((each) => each === chosen) })}
          />
          <Select
            aria-label="By facet"
            w={128}
            placeholder="All together"
            clearable
            clearButtonProps={{ 'aria-label': 'All together' }}
            data={props.facets.map(({ id, label: name }) => ({
              value: id,
              label: `by ${name.toLowerCase()}`,
            }))}
            value={by ?? null}
            onChange={(chosen) => change({ by: chosen ?? undefined })}
          />
        </>
      }
    >
      {error === null ? null : <Problem error={error} retry={refetch} />}
      {data === undefined ? (
        error === null ? (
          <Loading what="the chart" />
        ) : null
      ) : data.series.length === 0 ? (
        <Empty title="No value of this measure in the window" />
      ) : (
        <SeriesChart answer={data} label={`${title}, per ${bucket}`} format={format} />
      )}
      {data === undefined ? null : <Markers markers={data.markers} />}
    </Section>
  )
}
