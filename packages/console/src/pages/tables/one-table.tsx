import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { sessionQuery } from '../../app/queries.ts'
import { whyNot } from '../../app/why-not.ts'
import { Empty } from '../../parts/empty.tsx'
import { Fetched } from '../../parts/fetched.tsx'
import { Page } from '../../parts/page.tsx'
import { ReasonedButton } from '../../parts/reasoned-button.tsx'
import { Section } from '../../parts/section.tsx'
import { RestrictDialog } from './restrict-dialog.tsx'
import { Row } from './row.tsx'
import { Rows } from './rows.tsx'
import { Permits } from './table-list.tsx'
import classes from './tables.module.css'
import { tablesQuery } from './tables-query.ts'

const route = getRouteApi('/shell/tables/$table')

/** One table: its rows, or one of them with its versions; and what the table permits. */
export function OneTable() {
  const { table: name } = route.useParams()
  const { asOf, where, orderBy, row } = route.useSearch()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const query = useQuery(tablesQuery)
  const [restricting, setRestricting] = useState(false)
  const table = query.data?.items.find((each) => each.name === name)
  return (
    <Page
      title={row === undefined ? name : `Row ${row}`}
      above={
        <>
          <Link to="/tables" search={{ asOf }}>
            Tables
          </Link>{' '}
          /{' '}
          {row === undefined ? (
            name
          ) : (
            <Link to="/tables/$table" params={{ table: name }} search={{ asOf, where, orderBy }}>
              {name}
            </Link>
          )}
        </>
      }
      note={
        table === undefined ? undefined : (
          <span className={classes.permits}>
            {table.rows === 'own' ? 'Rows are their callers’ own.' : 'Rows are shared.'} It permits{' '}
            <Permits {...table} />
          </span>
        )
      }
      tools={
        table === undefined ? undefined : (
          <ReasonedButton
            reason={whyNot(session, 'functions:restrict', { asOperator: true })}
            onClick={() => setRestricting(true)}
          >
            Restrict
          </ReasonedButton>
        )
      }
    >
      <Fetched what="the table" query={query}>
        {({ last }) =>
          table === undefined ? (
            <Section title="Rows">
              <Empty title="The app that runs has no table of this name" />
            </Section>
          ) : row === undefined ? (
            <Rows key={name} table={table} last={last} />
          ) : (
            <Row key={`${name} ${row}`} table={table} id={row} last={last} />
          )
        }
      </Fetched>
      {restricting && table !== undefined ? (
        <RestrictDialog table={table} onClose={() => setRestricting(false)} />
      ) : null}
    </Page>
  )
}
