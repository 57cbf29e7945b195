import type { Contract } from '@quarterdeck/sdk/contract'
import type { OutputOf } from '@quarterdeck/sdk/operation'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { Ago } from '../../parts/ago.tsx'
import { Empty } from '../../parts/empty.tsx'
import { number } from '../../parts/format/number.ts'
import { Loading } from '../../parts/loading.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { Section } from '../../parts/section.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Table } from '../../parts/table.tsx'
import classes from './operate.module.css'

type Producer = OutputOf<Contract['records']['producers']>['items'][number]

/** Who sends records: when last, which of their numbers are missing, and what was refused. As of now, whatever `at` says. */
export function Producers(props: { readonly q: string | undefined }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['producers'],
    queryFn: ({ signal }) => client.records.producers({ limit: 100 }, { signal }),
    refetchInterval: 15_000,
  })
  const q = props.q?.toLowerCase() ?? ''
  const shown = data?.items.filter(({ product, id }) => `${product}/${id}`.toLowerCase().includes(q))
  return (
    <Section
      title="Producers"
      count={shown?.length}
      note={data?.nextCursor === undefined ? 'as of now' : 'the first 100'}
    >
      {error !== null ? <Problem error={error} retry={refetch} /> : null}
      {data === undefined && error === null ? <Loading what="producers" /> : null}
      {shown?.length === 0 ? (
        <Empty title={q === '' ? 'No producer has been heard' : 'None matches the filter'}>
          A producer appears with its first record.
        </Empty>
      ) : null}
      {shown === undefined || shown.length === 0 ? null : (
        <Table
          caption="Producers"
          rows={shown}
          keyOf={({ product, id }) => JSON.stringify([product, id])}
          columns={[
            { header: 'Producer', cell: ({ product, id }) => `${product}/${id}` },
            { header: 'Heard', cell: ({ lastSeen }) => <Ago time={lastSeen} /> },
            { header: 'Records', numeric: true, cell: ({ counts }) => number(total(counts)), wideOnly: true },
            { header: 'Numbers missing', cell: Gaps },
            { header: 'Refused', cell: Refusals, grow: true },
          ]}
        />
      )}
    </Section>
  )
}

function total(counts: Producer['counts']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function Gaps({ gaps }: Producer) {
  if (gaps.length === 0) return <span className="muted">none</span>
  return (
    <>
      <StatusChip status={`${gaps.length} ${gaps.length === 1 ? 'gap' : 'gaps'}`} tone="warn" />{' '}
      <span className="mono">
        {gaps.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(', ')}
      </span>
    </>
  )
}

function Refusals({ refusals, product, id }: Producer) {
  const [newest] = refusals
  if (newest === undefined) return <span className="muted">none</span>
  return (
    <details>
      <summary>
        <StatusChip status={`${refusals.length} refused`} tone="bad" /> last <code>{newest.code}</code>
      </summary>
      <ScrollRegion label={`Refusals of ${product}/${id}`}>
        <ul className={classes.refusals}>
          {refusals.map(({ at, code, path }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: refusals have no id, and equal ones are equal
            <li key={index}>
              <Ago time={at} />
              <code>{code}</code>
              <span className="mono">{path}</span>
            </li>
          ))}
        </ul>
      </ScrollRegion>
    </details>
  )
}
