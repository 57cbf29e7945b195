import type { SessionView, SigningKeyItem } from '@quarterdeck/sdk/contract/identity'
import { Fault } from '@quarterdeck/sdk/errors'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../../app/client.ts'
import { useProved } from '../../../app/proof/use-proved.ts'
import { whyNot } from '../../../app/why-not.ts'
import { Empty } from '../../../parts/empty.tsx'
import { Fetched } from '../../../parts/fetched.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { ReasonedButton } from '../../../parts/reasoned-button.tsx'
import { Section } from '../../../parts/section.tsx'
import { StatusChip } from '../../../parts/status-chip.tsx'
import { Table } from '../../../parts/table.tsx'
import type { Tone } from '../../../parts/tone.ts'
import classes from '../identity.module.css'

const tones: Record<SigningKeyItem['state'], Tone> = {
  next: 'info',
  current: 'good',
  previous: 'idle',
  retired: 'idle',
}

/** The keys that sign tokens, and their rotation. */
export function Keys(props: { readonly session: SessionView }) {
  const { session } = props
  const keys = useQuery({
    queryKey: ['identity', 'keys'],
    queryFn: ({ signal }) => client.identity.listKeys({}, { signal }),
    refetchInterval: 30_000,
  })
  const [done, setDone] = useState('')
  const { perform, busy, error } = useProved(client.identity.rotateKeys, () =>
    setDone('The rotation has begun.'),
  )
  const elsewhere = keys.error instanceof Fault && keys.error.code === 'home_only'
  return (
    <Section
      title="Signing keys"
      count={keys.data?.items.length}
      note="A new key is published ten minutes before it signs; the old one verifies until its last token has ended."
      tools={
        elsewhere ? null : (
          <ReasonedButton
            reason={whyNot(session, 'identity:keys', { asOperator: true })}
            loading={busy}
            onClick={() => perform({})}
          >
            Rotate
          </ReasonedButton>
        )
      }
    >
      <p role="status" className={classes.done}>
        {done}
      </p>
      {error === null ? null : (
        <div className={classes.body}>
          <Problem error={error} />
        </div>
      )}
      {elsewhere ? (
        <Empty title="The keys belong to the home tenant">Only its owners see and rotate them.</Empty>
      ) : (
        <Fetched what="signing keys" query={keys}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="There is no key yet">The first one is made when a token is first signed.</Empty>
            ) : (
              <KeyTable keys={items} />
            )
          }
        </Fetched>
      )}
    </Section>
  )
}

function KeyTable(props: { readonly keys: readonly SigningKeyItem[] }) {
  const at = (time: string | null) =>
    time === null ? <span className="muted">–</span> : <Moment time={time} />
  return (
    <Table
      caption="Signing keys"
      rows={props.keys}
      keyOf={({ kid }) => kid}
      columns={[
        { header: 'Key', grow: true, cell: ({ kid }) => <code className="break">{kid}</code> },
        { header: 'State', cell: ({ state }) => <StatusChip status={state} tone={tones[state]} /> },
        { header: 'Published', cell: ({ publishedAt }) => at(publishedAt), wideOnly: true },
        { header: 'Signs from', cell: ({ signsFrom }) => at(signsFrom) },
        { header: 'Verifies until', cell: ({ verifiesUntil }) => at(verifiesUntil), wideOnly: true },
      ]}
    />
  )
}
