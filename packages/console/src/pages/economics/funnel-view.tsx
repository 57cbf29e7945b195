import { duration } from '../../parts/format/duration.ts'
import { number, percent } from '../../parts/format/number.ts'
import { Section } from '../../parts/section.tsx'
import classes from './economics.module.css'
import type { Answer } from './economics.tsx'
import { NoEconomics } from './no-economics.tsx'

/** How runs went through: how often again, how long they waited, what the gates caught. */
export function FunnelView(props: { readonly answer: Extract<Answer, { view: 'funnel' }> }) {
  const { runs, iterations, routeBacks, humanWaitS, gateFires, findings, firstPassRate } = props.answer
  if (runs === 0) return <NoEconomics title="Runs" />
  return (
    <div className="stack">
      <Section title="Runs">
        <dl className={classes.funnel}>
          <Fact name="Runs" value={number(runs)} />
          <Fact name="Right the first time" value={percent(firstPassRate)} />
          <Fact name="Iterations" value={number(iterations)} />
          <Fact name="Sent back" value={number(routeBacks)} />
          <Fact name="Waited for people" value={duration(humanWaitS * 1_000)} />
        </dl>
      </Section>
      <Section title="Found">
        <dl className={classes.funnel}>
          <Fact name="Gates fired" value={number(gateFires)} />
          <Fact name="Critical" value={number(findings.critical)} />
          <Fact name="High" value={number(findings.high)} />
          <Fact name="Medium" value={number(findings.medium)} />
          <Fact name="Low" value={number(findings.low)} />
        </dl>
      </Section>
    </div>
  )
}

function Fact(props: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  )
}
