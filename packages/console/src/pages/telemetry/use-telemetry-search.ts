import { getRouteApi } from '@tanstack/react-router'
import { useCallback } from 'react'
import type { TelemetrySearch } from '../../app/page-searches.ts'

const route = getRouteApi('/shell/telemetry')

/** What the URL asks for, and how to ask for something else. */
export function useTelemetrySearch(): [TelemetrySearch, (change: TelemetrySearch) => void] {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = useCallback(
    (changed: TelemetrySearch) => {
      void navigate({ search: (former) => ({ ...former, ...changed }), replace: true })
    },
    [navigate],
  )
  return [search, change]
}

/** The filters with one more, or without it if it is among them. */
export function toggled(filter: readonly string[] | undefined, value: string): readonly string[] | undefined {
  const now = filter ?? []
  const next = now.includes(value) ? now.filter((each) => each !== value) : [...now, value]
  return next.length === 0 ? undefined : next
}
