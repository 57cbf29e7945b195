import type { TelemetryAnswer } from '@quarterdeck/sdk/contract/telemetry-query'
import { compact, money, number, percent } from '../../parts/format/number.ts'
import classes from './telemetry.module.css'

/** The whole match in a few numbers. What has no price is named beside the cost, never counted as free. */
export function Totals(props: { readonly answer: TelemetryAnswer }) {
  const { totals, tools } = props.answer
  const { inputTokens, outputTokens, costUsd, unpriced } = totals.usage
  const fail = tools.reduce((sum, tool) => sum + tool.fail, 0)
  const judged = tools.reduce((sum, tool) => sum + tool.pass, fail)
  return (
    <dl className={classes.totals}>
      <Total
        name="Records"
        value={number(totals.records)}
        note={`${Object.keys(totals.byType).length} types`}
      />
      <Total name="Sessions" value={number(totals.sessions)} />
      <Total
        name="Tool failures"
        value={percent(judged === 0 ? null : fail / judged)}
        note={`${number(fail)} of ${number(judged)}`}
      />
      <Total name="Tokens in" value={compact(inputTokens)} />
      <Total name="Tokens out" value={compact(outputTokens)} />
      <Total
        name="Cost"
        value={money(costUsd)}
        note={unpriced === 0 ? undefined : `and ${number(unpriced)} without a price`}
      />
    </dl>
  )
}

function Total(props: { readonly name: string; readonly value: string; readonly note?: string | undefined }) {
  return (
    <div className={classes.total}>
      <dt>{props.name}</dt>
      <dd>
        {props.value}
        {props.note === undefined ? null : <small>{props.note}</small>}
      </dd>
    </div>
  )
}
