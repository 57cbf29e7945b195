import type { CredentialItem } from '@quarterdeck/sdk/contract/identity'
import { Ago } from '../../../parts/ago.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { RowActions } from '../../../parts/row-actions.tsx'
import { StatusChip } from '../../../parts/status-chip.tsx'
import { type Column, Table } from '../../../parts/table.tsx'
import { useNow } from '../../../parts/use-now.ts'
import classes from '../identity.module.css'
import { tokenState } from './token-state.ts'

/** Tokens without their secrets: what each may do, for whom, since when and until when. */
export function TokenTable(props: {
  readonly tokens: readonly CredentialItem[]
  readonly onAct?: (act: { kind: 'rotate' | 'revoke'; token: CredentialItem }) => void
}) {
  const { tokens, onAct } = props
  const acts: Column<CredentialItem> = {
    header: 'Actions',
    cell: (token) => (
      <RowActions
        of={token.label}
        actions={
          token.revokedAt === null
            ? [
                { label: 'Rotate', onClick: () => onAct?.({ kind: 'rotate', token }) },
                { label: 'Revoke', danger: true, onClick: () => onAct?.({ kind: 'revoke', token }) },
              ]
            : []
        }
      />
    ),
  }
  return (
    <Table
      caption="Tokens"
      rows={tokens}
      keyOf={({ id }) => id}
      columns={[
        { header: 'Token', grow: true, cell: What },
        {
          header: 'Last used',
          cell: ({ lastUsedAt }) =>
            lastUsedAt === null ? <span className="muted">never</span> : <Ago time={lastUsedAt} />,
          wideOnly: true,
        },
        { header: 'State', cell: (token) => <State token={token} /> },
        ...(onAct === undefined ? [] : [acts]),
      ]}
    />
  )
}

function What({ label, kind, id, tier, scopes, producers }: CredentialItem) {
  return (
    <>
      <div className={classes.name}>{label}</div>
      <div className={classes.aside}>
        {kind} · <code>{id}</code>
        {tier === undefined ? null : ` · tier ${tier}`}
      </div>
      <div className={classes.list}>
        {scopes.length === 0 ? <span className="muted">may do nothing</span> : null}
        {scopes.map((scope) => (
          <code key={scope} className={classes.role}>
            {scope}
          </code>
        ))}
      </div>
      {producers === undefined ? null : (
        <div className={classes.aside}>
          speaks for {producers.map(({ product, id }) => `${product}/${id}`).join(', ')}
        </div>
      )}
    </>
  )
}

function State({ token }: { readonly token: CredentialItem }) {
  const { word, tone, overlapUntil } = tokenState(token, useNow())
  return (
    <>
      <StatusChip status={word} tone={tone} />
      {token.revokedAt === null ? null : (
        <div className={classes.aside}>
          since <Moment time={token.revokedAt} />
        </div>
      )}
      {token.revokedAt !== null ? null : token.expiresAt === null ? (
        <div className={classes.aside}>never expires</div>
      ) : (
        <div className={classes.aside}>
          {word === 'expired' ? 'since' : 'until'} <Moment time={token.expiresAt} />
        </div>
      )}
      {overlapUntil === null ? null : (
        <div className={classes.aside}>
          old secret until <Moment time={overlapUntil} />
        </div>
      )}
    </>
  )
}
