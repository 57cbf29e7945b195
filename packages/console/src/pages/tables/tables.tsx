import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Fetched } from '../../parts/fetched.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { AsOfBar } from './as-of-bar.tsx'
import { NoTables } from './no-tables.tsx'
import { TableList } from './table-list.tsx'
import { tablesQuery } from './tables-query.ts'

const route = getRouteApi('/shell/tables')

/** The tables of the app: what they permit, what they are asked by, and what of them is masked. */
export function Tables() {
  const { asOf } = route.useSearch()
  const query = useQuery(tablesQuery)
  const { data } = query
  return (
    <Page title="Tables" note="What functions have stored, with every version that the history keeps.">
      {data === undefined || data.items.length === 0 ? null : <AsOfBar asOf={asOf} last={data.last} />}
      <Section
        title="Tables"
        count={data?.items.length}
        note={
          asOf === undefined ? undefined : 'Permissions and indexes are those of now; rows open as of then.'
        }
      >
        <Fetched what="tables" query={query}>
          {({ items }) => (items.length === 0 ? <NoTables /> : <TableList tables={items} asOf={asOf} />)}
        </Fetched>
      </Section>
    </Page>
  )
}
