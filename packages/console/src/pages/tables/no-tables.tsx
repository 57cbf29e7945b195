import { useQuery } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { Empty } from '../../parts/empty.tsx'
import { NoApp } from '../../parts/no-app.tsx'

/** Says why there is no table: there is no app, or it declares none. */
export function NoTables() {
  const { data } = useQuery({
    queryKey: ['functions', 'list', '15m'],
    queryFn: ({ signal }) => client.functions.list({}, { signal }),
  })
  if (data?.digest === null) return <NoApp />
  return (
    <Empty title="The app declares no table">
      Each table() that its file tables.ts exports is one. Functions read and write it as ctx.tables.
    </Empty>
  )
}
