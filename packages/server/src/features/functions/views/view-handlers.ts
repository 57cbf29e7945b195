import type { functions } from '@quarterdeck/sdk/contract/functions'
import type { Handlers, Showing } from '../../../core/perform.ts'
import { functionViews } from './function-views.ts'
import { restricting } from './restrict.ts'
import { tableViews } from './table-views.ts'

/** The operations by which operators look at functions and tables, and restrict these. The tenant is the actor's. */
export function viewHandlers(
  needs: Parameters<typeof functionViews>[0] &
    Parameters<typeof tableViews>[0] &
    Parameters<typeof restricting>[0],
): {
  readonly handlers: Pick<
    Handlers<typeof functions>,
    'list' | 'get' | 'calls' | 'tables' | 'rows' | 'versions' | 'restrict'
  >
  readonly showing: Required<Pick<Showing<typeof functions>, 'restrict'>>
} {
  const { handler, shown } = restricting(needs)
  return {
    handlers: { ...functionViews(needs), ...tableViews(needs), restrict: handler },
    showing: { restrict: shown },
  }
}
