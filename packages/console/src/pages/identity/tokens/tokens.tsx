import { Button } from '@mantine/core'
import type { CredentialItem, SessionView } from '@quarterdeck/sdk/contract/identity'
import { useState } from 'react'
import { client } from '../../../app/client.ts'
import { whyNot } from '../../../app/why-not.ts'
import { Empty } from '../../../parts/empty.tsx'
import { Fetched } from '../../../parts/fetched.tsx'
import { number } from '../../../parts/format/number.ts'
import { ReasonedButton } from '../../../parts/reasoned-button.tsx'
import { SecretOnce } from '../../../parts/secret-once.tsx'
import { Section } from '../../../parts/section.tsx'
import { usePaged } from '../../../parts/use-paged.ts'
import classes from '../identity.module.css'
import { CreateToken } from './create-token.tsx'
import { RevokeToken } from './revoke-token.tsx'
import { RotateToken } from './rotate-token.tsx'
import { TokenTable } from './token-table.tsx'

type Doing =
  | { readonly kind: 'create' }
  | { readonly kind: 'rotate' | 'revoke'; readonly token: CredentialItem }

/** A token as it was given out, and what it is. */
export interface Issued {
  readonly token: string
  readonly says: string
}

/** What producers and services come in with. */
export function Tokens(props: { readonly session: SessionView }) {
  const { session } = props
  const tokens = usePaged<CredentialItem>(['identity', 'tokens'], (at, options) =>
    client.identity.listTokens(at, options),
  )
  const [doing, setDoing] = useState<Doing | null>(null)
  const [issued, setIssued] = useState<Issued | null>(null)
  const reason = whyNot(session, 'identity:tokens')
  const close = () => setDoing(null)

  function show(given: Issued): void {
    close()
    setIssued(given)
  }

  return (
    <Section
      title="Tokens"
      count={tokens.more === undefined ? tokens.data?.length : undefined}
      note={reason === undefined ? undefined : `To look at. ${reason}.`}
      tools={
        <ReasonedButton reason={reason} onClick={() => setDoing({ kind: 'create' })}>
          Create a token
        </ReasonedButton>
      }
    >
      <Fetched what="tokens" query={tokens}>
        {(items) =>
          items.length === 0 ? (
            <Empty title="No token has been made yet">
              A producer or a service comes in with a token of its own. Those of the server's settings are not
              listed here.
            </Empty>
          ) : (
            <TokenTable tokens={items} {...(reason === undefined ? { onAct: setDoing } : {})} />
          )
        }
      </Fetched>
      {tokens.more === undefined ? null : (
        <div className={classes.more}>
          <Button loading={tokens.loadingMore} onClick={tokens.more}>
            Show more
          </Button>
          <span className="muted">The first {number(tokens.data?.length ?? 0)}</span>
        </div>
      )}
      {doing?.kind === 'create' ? <CreateToken session={session} onIssued={show} onClose={close} /> : null}
      {doing?.kind === 'rotate' ? <RotateToken token={doing.token} onIssued={show} onClose={close} /> : null}
      {doing?.kind === 'revoke' ? <RevokeToken token={doing.token} onClose={close} /> : null}
      {issued === null ? null : (
        <SecretOnce title="The token" secret={issued.token} onClose={() => setIssued(null)}>
          {issued.says}
        </SecretOnce>
      )}
    </Section>
  )
}
