import { money, number, percent } from '../../parts/format/number.ts'
import { words } from '../../parts/format/words.ts'
import { Section } from '../../parts/section.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import type { Answer } from './economics.tsx'
import { NoEconomics } from './no-economics.tsx'

type Delegations = Extract<Answer, { view: 'delegations' }>
type Row = Delegations['rows'][number]

const outcomes = ['accepted', 'rework', 'diverged', 'failed', 'unavailable'] as const

/** How work that was handed on came back, by role and model. */
export function DelegationsView(props: { readonly answer: Delegations }) {
  const { rows, coverage } = props.answer
  if (rows.length === 0) return <NoEconomics title="Delegations by role and model" />
  return (
    <Section
      title="Delegations by role and model"
      count={rows.length}
      note={`${number(coverage.measurable)} measurable, ${number(coverage.unavailable)} unavailable and outside the rate`}
    >
      <Table
        caption="Delegations by role and model"
        rows={rows}
        keyOf={({ role, model }) => JSON.stringify([role, model])}
        columns={[
          { header: 'Role', cell: ({ role }) => role },
          { header: 'Model', cell: ({ model }) => <code>{model}</code>, grow: true },
          ...outcomes.map(
            (outcome): Column<Row> => ({
              header: words(outcome),
              numeric: true,
              wideOnly: outcome !== 'accepted',
              cell: (row) => number(row.outcomes[outcome]),
            }),
          ),
          { header: 'Accepted, rate', numeric: true, cell: (row) => percent(row.acceptanceRate) },
          {
            header: 'Cost of the model',
            numeric: true,
            cell: ({ costUsd, costBasis }) => <span title={`Basis: ${costBasis}`}>{money(costUsd)}</span>,
          },
        ]}
      />
    </Section>
  )
}
