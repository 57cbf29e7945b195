import type { OperatingState } from '@quarterdeck/sdk/contract/state'
import { fault } from '@quarterdeck/sdk/errors'
import { useSuspenseQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { may } from '../app/may.ts'
import { sessionQuery } from '../app/queries.ts'
import { useLive } from '../live/use-live.ts'
import { useStateAt } from '../live/use-state-at.ts'
import { AsOf } from './as-of.ts'
import { AtBar } from './at-bar.tsx'
import { Loading } from './loading.tsx'
import { Page } from './page.tsx'
import { Problem } from './problem.tsx'
import { useGoAt } from './use-go-at.ts'

/** A page over the operating state: with the slider back in time, and something to see while there is no state yet. */
export function StatePage(props: {
  readonly title: string
  readonly at: string | undefined
  readonly above?: ReactNode
  readonly note?: ReactNode
  readonly tools?: ReactNode
  readonly children: (state: OperatingState) => ReactNode
}) {
  const { at, children, ...frame } = props
  const { state, error, moving } = useStateAt(at)
  const ended = useLive(({ status }) => status === 'closed')
  const go = useGoAt()
  const { data: session } = useSuspenseQuery(sessionQuery)
  if (!may(session, 'records:read')) {
    return (
      <Page {...frame}>
        <Problem error={fault('forbidden', 'This page needs the permission records:read')} />
      </Page>
    )
  }
  return (
    <Page {...frame}>
      <AtBar at={at} shown={moving ? undefined : state} onGo={go} />
      {error === null ? null : <Problem error={error} retry={() => go(undefined)} />}
      {state !== undefined ? (
        <AsOf value={at === undefined || state.at === null ? null : Date.parse(state.at)}>
          {children(state)}
        </AsOf>
      ) : error !== null ? null : ended ? (
        <Problem error={new Error('The live feed has ended before it began')} />
      ) : (
        <Loading lines={6} what="the state" />
      )}
    </Page>
  )
}
