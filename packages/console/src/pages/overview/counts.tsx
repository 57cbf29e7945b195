import { arrays } from '@quarterdeck/sdk/contract/record'
import type { OperatingState } from '@quarterdeck/sdk/contract/state'
import { number } from '../../parts/format/number.ts'
import { words } from '../../parts/format/words.ts'
import { Section } from '../../parts/section.tsx'
import { toneOf } from '../../parts/tone.ts'
import classes from './counts.module.css'

/** How many there are of everything, by status. Arrays without an object are left out. */
export function Counts(props: { readonly state: OperatingState }) {
  const { counts, currentStage } = props.state
  const rows = arrays.flatMap((name) => {
    const { total, byStatus } = counts[name] ?? { total: 0, byStatus: {} }
    return total === 0 ? [] : [{ name, total, byStatus: sorted(byStatus) }]
  })
  if (rows.length === 0) return null
  return (
    <Section
      title="Counts"
      note={
        currentStage === null ? null : (
          <>
            current stage: <strong>{currentStage}</strong>
          </>
        )
      }
    >
      <dl className={classes.rows}>
        {rows.map(({ name, total, byStatus }) => (
          <div key={name} className={classes.row}>
            <dt className={classes.name}>{words(name)}</dt>
            <dd className={classes.total}>{number(total)}</dd>
            <dd className={classes.parts}>
              <span className={classes.bar} aria-hidden="true">
                {byStatus.map(([status, count]) => (
                  <span
                    key={status}
                    className={classes.part}
                    data-tone={toneOf(status)}
                    style={{ flexGrow: count }}
                  />
                ))}
              </span>
              <span className={classes.legend}>
                {byStatus.map(([status, count]) => (
                  <span key={status}>
                    {number(count)} {words(status)}
                  </span>
                ))}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}

const order = ['bad', 'warn', 'info', 'good', 'idle']

/** The worst first, so that it stands in the same place of every bar. */
function sorted(byStatus: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(byStatus).toSorted(
    ([a, many], [b, more]) => order.indexOf(toneOf(a)) - order.indexOf(toneOf(b)) || more - many,
  )
}
