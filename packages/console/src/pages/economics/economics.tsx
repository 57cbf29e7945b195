import { Tabs } from '@mantine/core'
import type { Contract } from '@quarterdeck/sdk/contract'
import type { OutputOf } from '@quarterdeck/sdk/operation'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { client } from '../../app/client.ts'
import { views } from '../../app/page-searches.ts'
import { Loading } from '../../parts/loading.tsx'
import { Page } from '../../parts/page.tsx'
import { Problem } from '../../parts/problem.tsx'
import { CostView } from './cost-view.tsx'
import { DelegationsView } from './delegations-view.tsx'
import { FunnelView } from './funnel-view.tsx'
import { Period } from './period.tsx'
import { ValueView } from './value-view.tsx'

export type Answer = OutputOf<Contract['records']['economics']>

const route = getRouteApi('/shell/economics')

const names = { cost: 'Cost', funnel: 'Funnel', value: 'Value', delegations: 'Delegations' }

/** What runs cost, always beside what they found. */
export function Economics() {
  const { view = 'cost', from, to } = route.useSearch()
  const navigate = route.useNavigate()
  const { data, error, refetch } = useQuery({
    queryKey: ['economics', view, from, to],
    queryFn: ({ signal }) => client.records.economics({ view, from, to }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  })
  return (
    <Page
      title="Economics"
      note="What runs cost beside what they found. What is not known is a dash, never a zero."
      tools={
        <Period
          from={from}
          to={to}
          onChange={(change) => navigate({ search: (former) => ({ ...former, ...change }), replace: true })}
        />
      }
    >
      <Tabs
        value={view}
        keepMounted={false}
        onChange={(chosen) =>
          navigate({ search: (former) => ({ ...former, view: views.find((each) => each === chosen) }) })
        }
      >
        <Tabs.List mb={16}>
          {views.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {names[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {views.map((each) => (
          <Tabs.Panel key={each} value={each}>
            {error !== null ? (
              <Problem error={error} retry={refetch} />
            ) : data?.view === each ? (
              <View answer={data} />
            ) : (
              <Loading what={names[each]} />
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  )
}

function View({ answer }: { readonly answer: Answer }) {
  switch (answer.view) {
    case 'cost':
      return <CostView answer={answer} />
    case 'funnel':
      return <FunnelView answer={answer} />
    case 'value':
      return <ValueView answer={answer} />
    case 'delegations':
      return <DelegationsView answer={answer} />
  }
}
