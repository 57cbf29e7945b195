import { money, none, number, percent } from '../../parts/format/number.ts'
import { Section } from '../../parts/section.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Table } from '../../parts/table.tsx'
import type { Tone } from '../../parts/tone.ts'
import classes from './economics.module.css'
import type { Answer } from './economics.tsx'
import { NoEconomics } from './no-economics.tsx'

type Value = Extract<Answer, { view: 'value' }>

const tones: Readonly<Record<Value['headline']['verdict'], Tone>> = {
  exceeds: 'good',
  meets: 'good',
  below: 'bad',
  unknown: 'idle',
}

/** What an accepted result costs, by model tier and kit. */
export function ValueView(props: { readonly answer: Value }) {
  const { rows, headline } = props.answer
  if (rows.length === 0) return <NoEconomics title="Cost of an accepted result" />
  return (
    <div className="stack">
      <Section title="Small with the kit against large without">
        <div className={classes.headline}>
          <span className={classes.ratio}>
            {headline.ratio === null ? none : `${number(headline.ratio)}×`}
          </span>
          <StatusChip status={headline.verdict} tone={tones[headline.verdict]} />
          <span className="muted">
            {headline.ratio === null
              ? 'Needs accepted runs with a price on both sides.'
              : 'An accepted result of a large bare model costs so many times one of a small model with the kit.'}
          </span>
        </div>
      </Section>
      <Section title="Cost of an accepted result" count={rows.length}>
        <Table
          caption="Cost of an accepted result"
          rows={rows}
          keyOf={({ modelTier, kitCondition }) => JSON.stringify([modelTier, kitCondition])}
          columns={[
            { header: 'Model tier', cell: ({ modelTier }) => modelTier },
            { header: 'Kit', cell: ({ kitCondition }) => kitCondition },
            { header: 'Runs', numeric: true, cell: ({ runs }) => number(runs), wideOnly: true },
            { header: 'Accepted', numeric: true, cell: ({ accepted }) => number(accepted) },
            {
              header: 'Accepted, rate',
              numeric: true,
              cell: (row) => percent(row.acceptanceRate),
              wideOnly: true,
            },
            {
              header: 'Iterations each',
              numeric: true,
              cell: (row) => number(row.iterationsPerAccepted),
              wideOnly: true,
            },
            { header: 'Findings', numeric: true, cell: ({ findings }) => number(findings) },
            { header: 'Cost each', numeric: true, cell: ({ costPerAccepted }) => money(costPerAccepted) },
          ]}
        />
      </Section>
    </div>
  )
}
