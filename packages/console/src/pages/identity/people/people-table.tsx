import type { Operator, SessionView } from '@quarterdeck/sdk/contract/identity'
import { Moment } from '../../../parts/moment.tsx'
import { RowActions } from '../../../parts/row-actions.tsx'
import { StatusChip } from '../../../parts/status-chip.tsx'
import { type Column, Table } from '../../../parts/table.tsx'
import { useNow } from '../../../parts/use-now.ts'
import classes from '../identity.module.css'
import { actsOn } from './acts-on.ts'
import type { PersonAct } from './person-dialog.tsx'
import { stateOf } from './state-of.ts'

/** People by name, with what they are where, and whether they hold a second factor. */
export function PeopleTable(props: {
  readonly operators: readonly Operator[]
  readonly session: SessionView
  /** `safe`: what needs no proof. */
  readonly actions: 'all' | 'safe' | 'none'
  readonly onAct: (act: PersonAct) => void
}) {
  const { operators, session, actions, onAct } = props
  const now = useNow()
  const acts: Column<Operator> = {
    header: 'Actions',
    cell: (operator) => (
      <RowActions
        of={nameOf(operator)}
        actions={actsOn(operator, actions === 'all' ? 'all' : 'safe', now).map(({ kind, ...act }) => ({
          ...act,
          onClick: () => onAct({ kind, operator }),
        }))}
      />
    ),
  }
  return (
    <Table
      caption="People"
      rows={operators}
      keyOf={({ id }) => id}
      columns={[
        {
          header: 'Person',
          grow: true,
          cell: (operator) => <Person operator={operator} session={session} />,
        },
        { header: 'State', cell: (operator) => <State operator={operator} /> },
        ...(actions === 'none' ? [] : [acts]),
      ]}
    />
  )
}

export function nameOf({ name, email }: Operator): string {
  return name === '' ? email : name
}

function Person(props: { readonly operator: Operator; readonly session: SessionView }) {
  const { operator, session } = props
  const { name, email, id, subjects } = operator
  return (
    <>
      <div className={classes.name}>
        {nameOf(operator)}
        {id === session.actor.principal ? <span className="muted"> (you)</span> : null}
      </div>
      {name === '' ? null : <div className={classes.aside}>{email}</div>}
      {subjects.map(({ issuer, sub }) => (
        <div key={`${issuer} ${sub}`} className={classes.aside}>
          signs in with {issuer}
        </div>
      ))}
      <Roles operator={operator} tenant={session.tenant} />
    </>
  )
}

function Roles(props: { readonly operator: Operator; readonly tenant: string }) {
  const { memberships } = props.operator
  if (memberships.length === 0) return <div className={classes.aside}>no role</div>
  return (
    <div className={classes.list}>
      {memberships.map(({ tenant, role }) => (
        <span key={tenant} className={classes.role}>
          {role}
          {tenant === props.tenant && memberships.length === 1 ? null : (
            <span className="muted"> in {tenant}</span>
          )}
        </span>
      ))}
    </div>
  )
}

function State({ operator }: { readonly operator: Operator }) {
  const { word, tone, until } = stateOf(operator, useNow())
  return (
    <>
      <StatusChip status={word} tone={tone} />
      {until === undefined ? null : (
        <div className={classes.aside}>
          {word === 'disabled' ? 'since' : 'until'} <Moment time={until} />
        </div>
      )}
      <div className={classes.aside}>{operator.enrolled ? 'with second factor' : 'no second factor'}</div>
    </>
  )
}
