import type { Contract } from '@quarterdeck/sdk/contract'
import { Fault } from '@quarterdeck/sdk/errors'
import type { OutputOf } from '@quarterdeck/sdk/operation'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../../app/client.ts'
import { Empty } from '../../../parts/empty.tsx'
import { Fetched } from '../../../parts/fetched.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { Section } from '../../../parts/section.tsx'
import classes from '../identity.module.css'

type Item = OutputOf<Contract['identity']['listMail']>['items'][number]

/** The mail that a local server keeps instead of sending it. */
export function Mail() {
  const mail = useQuery({
    queryKey: ['identity', 'mail'],
    queryFn: ({ signal }) => client.identity.listMail({}, { signal }),
    refetchInterval: 5_000,
  })
  const sent = mail.error instanceof Fault && mail.error.code === 'not_found'
  return (
    <Section
      title="Mail"
      count={mail.data?.items.length}
      note={sent ? undefined : 'kept here, the newest first; nothing is sent'}
    >
      {sent ? (
        <Empty title="Nothing is kept here">This server sends its mail. Only a local one keeps it.</Empty>
      ) : (
        <Fetched what="mail" query={mail}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="No mail yet">
                An invitation, or somebody who asks for a sign-in link, makes the first.
              </Empty>
            ) : (
              items.map((item) => <Letter key={item.id} item={item} />)
            )
          }
        </Fetched>
      )}
    </Section>
  )
}

function Letter(props: { readonly item: Item }) {
  const { to, subject, text, at } = props.item
  return (
    <details className={classes.letter}>
      <summary>
        <strong>{subject}</strong> <span className="muted">to {to} ·</span> <Moment time={at} />
      </summary>
      <p className={classes.text}>{text}</p>
    </details>
  )
}
