import { money, number } from '../../parts/format/number.ts'
import { Section } from '../../parts/section.tsx'
import { Table } from '../../parts/table.tsx'
import type { Answer } from './economics.tsx'
import { NoEconomics } from './no-economics.tsx'

/** Cost by task and day, and in the same row what was found. */
export function CostView(props: { readonly answer: Extract<Answer, { view: 'cost' }> }) {
  const rows = props.answer.rows.toSorted(
    (a, b) => b.day.localeCompare(a.day) || (b.costUsd ?? 0) - (a.costUsd ?? 0),
  )
  if (rows.length === 0) return <NoEconomics title="Cost by task and day" />
  return (
    <Section title="Cost by task and day" count={rows.length} note="days in UTC">
      <Table
        caption="Cost by task and day"
        rows={rows}
        keyOf={({ taskSlug, day }) => JSON.stringify([taskSlug, day])}
        columns={[
          { header: 'Day', cell: ({ day }) => <span className="nowrap">{day}</span> },
          { header: 'Task', cell: ({ taskSlug }) => taskSlug, grow: true },
          { header: 'Runs', numeric: true, cell: ({ runs }) => number(runs), wideOnly: true },
          { header: 'Cost', numeric: true, cell: ({ costUsd }) => money(costUsd) },
          { header: 'Findings', numeric: true, cell: ({ findings }) => number(findings) },
          {
            header: 'Caught false completions',
            numeric: true,
            cell: ({ caughtFalseCompletions }) => number(caughtFalseCompletions),
            wideOnly: true,
          },
        ]}
      />
    </Section>
  )
}
