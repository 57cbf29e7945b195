import { Link } from '@tanstack/react-router'
import { Ago } from '../../parts/ago.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Table } from '../../parts/table.tsx'
import { changesBetween } from './changes-between.ts'
import classes from './tables.module.css'
import type { VersionItem } from './tables-query.ts'
import { Value } from './value.tsx'

/** The versions of a row, newest first: who wrote each, when, by which function, and what that changed. */
export function VersionList(props: {
  readonly table: string
  readonly versions: readonly VersionItem[]
  /** Whether these are all that there are. */
  readonly whole: boolean
  /** Whether fields are hidden, which may have changed unseen. */
  readonly masked: boolean
}) {
  const { table, versions, whole, masked } = props
  return (
    <ol className={classes.versions} aria-label="Versions">
      {versions.map((version, at) => (
        <Version
          key={version.number}
          table={table}
          version={version}
          older={versions[at + 1]}
          oldest={whole}
          masked={masked}
        />
      ))}
    </ol>
  )
}

function Version(props: {
  readonly table: string
  readonly version: VersionItem
  readonly older: VersionItem | undefined
  readonly oldest: boolean
  readonly masked: boolean
}) {
  const { table, version, older, oldest, masked } = props
  const { number, endedBy, deleted } = version
  return (
    <>
      {deleted !== null && endedBy !== null ? (
        <li className={classes.version} data-deleted="true">
          <div className="row wrap">
            <StatusChip status="deleted" tone="bad" />
            <CommitLink table={table} number={endedBy} />
            <By {...deleted} />
          </div>
        </li>
      ) : null}
      <li className={classes.version}>
        <div className="row wrap">
          <StatusChip {...kindOf(older, oldest)} />
          <CommitLink table={table} number={number} />
          <By {...version} />
        </div>
        <Changes version={version} older={older} oldest={oldest} masked={masked} />
      </li>
    </>
  )
}

function By(props: Pick<VersionItem, 'at' | 'principal' | 'function'>) {
  const { at, principal, function: fn } = props
  return (
    <span className={classes.by}>
      {principal === null ? 'by whom is not kept any more' : `by ${principal}`}
      {fn === null ? null : (
        <>
          {' '}
          through{' '}
          <Link to="/functions/$fn" params={{ fn }}>
            {fn}
          </Link>
        </>
      )}
      {at === null ? null : (
        <>
          {' '}
          · <Ago time={at} />
        </>
      )}
    </span>
  )
}

function kindOf(older: VersionItem | undefined, oldest: boolean) {
  if (older === undefined) return { status: oldest ? 'oldest kept' : 'written', tone: 'idle' } as const
  if (older.deleted !== null) return { status: 'made anew', tone: 'good' } as const
  return { status: 'changed', tone: 'info' } as const
}

function CommitLink(props: { readonly table: string; readonly number: number }) {
  const { table, number } = props
  return (
    <Link
      to="/tables/$table"
      params={{ table }}
      search={{ asOf: String(number) }}
      aria-label={`The table as of commit ${number}`}
    >
      commit {number}
    </Link>
  )
}

function Changes(props: {
  readonly version: VersionItem
  readonly older: VersionItem | undefined
  readonly oldest: boolean
  readonly masked: boolean
}) {
  const { version, older, oldest, masked } = props
  if (older === undefined && !oldest) {
    return <p className="muted">Show older versions to see what it changed.</p>
  }
  const before = older === undefined || older.deleted !== null ? {} : older.data
  const changes = changesBetween(before, version.data)
  if (changes.length === 0) {
    return (
      <p className="muted">
        {masked
          ? 'Nothing that you may see changed; hidden fields may have.'
          : 'It was written again as it was.'}
      </p>
    )
  }
  const isNew = older === undefined || older.deleted !== null
  return (
    <Table
      caption={`What commit ${version.number} ${isNew ? 'holds' : 'changed'}`}
      rows={changes}
      keyOf={({ path }) => path}
      columns={[
        {
          header: 'Field',
          cell: ({ path }) => <code className={path.length > 32 ? 'break' : classes.path}>{path}</code>,
        },
        ...(isNew
          ? []
          : [{ header: 'Was', cell: ({ was }: { was: unknown }) => <Value value={was} most={200} /> }]),
        { header: 'Is', grow: true, cell: ({ is }) => <Value value={is} most={200} /> },
      ]}
    />
  )
}
