import { Button } from '@mantine/core'
import type { NeedsYou as Need, OperatingState } from '@quarterdeck/sdk/contract/state'
import { IconCircleCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { Ago } from '../../parts/ago.tsx'
import { number } from '../../parts/format/number.ts'
import { words } from '../../parts/format/words.ts'
import { Section } from '../../parts/section.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { toneOf } from '../../parts/tone.ts'
import { NeedLink } from './need-link.tsx'
import classes from './needs-you.module.css'
import { reasonsOf } from './reasons-of.ts'

const first = 12

/** What stands still until a person looks at it, the worst and then the oldest first. */
export function NeedsYou(props: { readonly state: OperatingState }) {
  const { state } = props
  const [all, setAll] = useState(false)
  const reasonOf = reasonsOf(state)
  const items = state.needsYou.toSorted(
    (a, b) => urgency(a) - urgency(b) || Date.parse(a.since) - Date.parse(b.since),
  )
  if (items.length === 0) {
    return (
      <p className={classes.nothing}>
        <IconCircleCheck size={18} aria-hidden="true" /> Nothing needs you.
      </p>
    )
  }
  return (
    <Section title="Needs you" count={items.length}>
      <ul className={classes.cards}>
        {(all ? items : items.slice(0, first)).map((item) => (
          <Card key={`${item.kind}/${item.product}/${item.id}`} need={item} reason={reasonOf(item)} />
        ))}
      </ul>
      {items.length <= first ? null : (
        <div className={classes.more}>
          <Button onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${number(items.length)}`}
          </Button>
        </div>
      )}
    </Section>
  )
}

function Card(props: { readonly need: Need; readonly reason: string | undefined }) {
  const { need, reason } = props
  const { kind, product, id, label, why, since } = need
  return (
    <li className={classes.card} data-tone={toneOf(why)}>
      <div className="row">
        <StatusChip status={why} tone={why === 'unheard' ? 'warn' : toneOf(why)} />
        <span className={classes.since}>
          <Ago time={since} plain />
        </span>
      </div>
      <NeedLink need={need} className={classes.link} />
      {reason === undefined ? null : <span className={classes.reason}>{reason}</span>}
      <span className={classes.what}>
        {kindWord(kind)} · {product}
        {label === undefined ? null : ` · ${id}`}
      </span>
    </li>
  )
}

const order = ['bad', 'warn', 'info', 'idle', 'good']

function urgency({ why }: Need): number {
  return order.indexOf(toneOf(why))
}

const singular: Readonly<Record<string, string>> = {
  processes: 'run',
  gates: 'gate',
  claims: 'claim',
  reviewItems: 'review',
  exceptions: 'exception',
  actions: 'action',
  producers: 'producer',
}

function kindWord(kind: string): string {
  return singular[kind] ?? words(kind)
}
