import type { ProofDemand } from '@quarterdeck/sdk/client/proved'
import { Facts } from '../../parts/facts.tsx'
import { words } from '../../parts/format/words.ts'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Table } from '../../parts/table.tsx'
import classes from './proof-dialog.module.css'

type Shown = ProofDemand['shown']

/** What a call would do: one sentence, and the facts that it stands for. */
export function ShownFacts({ shown }: { readonly shown: Shown }) {
  const { does, ...facts } = shown
  const named = Object.entries(facts).map(([name, value]) => [titled(name), said(value)])
  return (
    <div className={classes.shown}>
      <p className={classes.does}>{does}</p>
      {named.length === 0 ? null : <Facts facts={Object.fromEntries(named)} />}
    </div>
  )
}

/** The same, beside what was shown before it changed. */
export function ChangedFacts(props: { readonly before: Shown; readonly now: Shown }) {
  const { before, now } = props
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])]
  const rows = names.map((name) => ({ name, before: said(before[name]), now: said(now[name]) }))
  return (
    <div className={classes.shown}>
      <Table
        caption="What has changed since it was shown"
        rows={rows}
        keyOf={({ name }) => name}
        columns={[
          { header: 'What', cell: ({ name }) => titled(name) },
          { header: 'Was shown', cell: (row) => <span className="break">{row.before}</span> },
          {
            header: 'Is now',
            cell: (row) => (
              <span className="break">
                {row.now} {row.before === row.now ? null : <StatusChip status="changed" tone="warn" />}
              </span>
            ),
          },
        ]}
      />
    </div>
  )
}

function titled(name: string): string {
  const text = words(name)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Nothing of what is signed stays unsaid: what is no text is written out. */
function said(value: unknown): string {
  if (value === undefined || value === null) return 'none'
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
