import { Button } from '@mantine/core'
import type { NeedsYou as Need } from '@quarterdeck/sdk/contract/state'
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

const first = 12

/** What stands still until a person looks at it, the worst and then the oldest first. */
export function NeedsYou(props: { readonly items: readonly Need[] }) {
  const [all, setAll] = useState(false)
  const items = props.items.toSorted(
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
          <li
            key={`${item.kind}/${item.product}/${item.id}`}
            className={classes.card}
            data-tone={toneOf(item.why)}
          >
            <div className="row">
              <StatusChip status={item.why} tone={item.why === 'unheard' ? 'warn' : toneOf(item.why)} />
              <span className={classes.since}>
                <Ago time={item.since} plain />
              </span>
            </div>
            <NeedLink need={item} className={classes.link} />
            <span className={classes.what}>
              {kindWord(item.kind)} · {item.product}
              {item.label === undefined ? null : ` · ${item.id}`}
            </span>
          </li>
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
