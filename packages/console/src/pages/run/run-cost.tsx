import { EconomicsRecord } from '@quarterdeck/sdk/contract/record'
import { Fault } from '@quarterdeck/sdk/errors'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { useLive } from '../../live/use-live.ts'
import { Empty } from '../../parts/empty.tsx'
import { Facts } from '../../parts/facts.tsx'
import { duration } from '../../parts/format/duration.ts'
import { compact, money, number } from '../../parts/format/number.ts'
import { words } from '../../parts/format/words.ts'
import { Problem } from '../../parts/problem.tsx'
import { Section } from '../../parts/section.tsx'

/**
 * What a run cost, beside what it found: its own economics record, which never changes once it is there. Before the
 * position of that record there is none.
 */
export function RunCost(props: { readonly id: string; readonly position: number }) {
  const { id, position } = props
  const arrived = useLive(({ records }) => records.find((record) => record.id === idOf(id))?.position)
  const { data, error } = useQuery({
    queryKey: ['economics-of', id, arrived ?? null],
    placeholderData: keepPreviousData,
    async queryFn({ signal }) {
      try {
        const found = await client.records.get({ id: idOf(id) }, { signal })
        const record = EconomicsRecord.safeParse(found.record).data
        return record === undefined ? null : { position: found.position, record }
      } catch (failure) {
        if (failure instanceof Fault && failure.code === 'not_found') return null
        throw failure
      }
    },
  })
  return (
    <Section title="Cost and defects">
      {error !== null ? <Problem error={error} /> : null}
      {data === undefined ? null : data === null || data.position > position ? (
        <Empty title="No economics record of this run has arrived" />
      ) : (
        <Sides record={data.record} />
      )}
    </Section>
  )
}

/** The entry id of a run's economics record. */
const idOf = (run: string) => `economics:${run}`

function Sides(props: { readonly record: EconomicsRecord }) {
  const { cost, time, iterations, defects } = props.record
  const found = Object.values(defects.findings_by_severity).reduce<number>(
    (sum, count) => sum + Number(count),
    0,
  )
  return (
    <Facts
      facts={{
        Cost: money(cost.estimated_cost_usd),
        Findings: number(found),
        'Tokens in / out': `${compact(cost.input_tokens)} / ${compact(cost.output_tokens)}`,
        Verdict: words(defects.verification_verdict).toLowerCase(),
        'Wall clock': duration(time.wall_clock_s * 1_000),
        'Caught false completions': number(defects.caught_false_completions),
        'Waited for people': duration(time.human_wait_s * 1_000),
        'Iterations / sent back': `${iterations.count} / ${iterations.route_backs}`,
      }}
    />
  )
}
