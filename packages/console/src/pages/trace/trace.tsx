import { Fault } from '@quarterdeck/sdk/errors'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { client } from '../../app/client.ts'
import { Empty } from '../../parts/empty.tsx'
import { duration } from '../../parts/format/duration.ts'
import { instant } from '../../parts/format/instant.ts'
import { Loading } from '../../parts/loading.tsx'
import { Page } from '../../parts/page.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Section } from '../../parts/section.tsx'
import { flattenSpans } from './flatten-spans.ts'
import { Waterfall } from './waterfall.tsx'

const route = getRouteApi('/shell/telemetry/trace/$id')

/** One trace: what called what, when, and how long it took. */
export function Trace() {
  const { id } = route.useParams()
  const { data, error, refetch } = useQuery({
    queryKey: ['trace', id],
    queryFn: ({ signal }) => client.telemetry.trace({ id }, { signal }),
  })
  const missing = error instanceof Fault && (error.code === 'not_found' || error.code === 'invalid')
  const whole = data === undefined || data.spans.length === 0 ? undefined : flattenSpans(data.spans)
  return (
    <Page
      title={`Trace ${id.slice(0, 8)}`}
      above={
        <>
          <Link to="/telemetry">Telemetry</Link> / <span className="mono break">{id}</span>
        </>
      }
      note={
        whole === undefined
          ? undefined
          : `${whole.spans.length} spans in ${duration(whole.durationMs)}, from ${instant(new Date(whole.startedAt).toISOString())}`
      }
    >
      {missing || data?.spans.length === 0 ? (
        <Section title="Spans">
          <Empty title="No span of this trace is stored" command={exporterCommand()}>
            Traces come over OTLP. Any OpenTelemetry exporter sends them here with:
          </Empty>
        </Section>
      ) : error !== null ? (
        <Problem error={error} retry={refetch} />
      ) : data === undefined ? (
        <Loading lines={8} what="the trace" />
      ) : (
        <Waterfall roots={data.spans} />
      )}
    </Page>
  )
}

function exporterCommand(): string {
  return [
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${window.location.origin}`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    'export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer $QUARTERDECK_TOKEN"',
  ].join('\n')
}
