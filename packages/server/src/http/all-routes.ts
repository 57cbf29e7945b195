import { fault } from '@quarterdeck/sdk/errors'
import type { Bound, Perform } from '../core/perform.ts'
import type { Answer } from './answer.ts'
import type { EdgeSettings } from './edge-settings.ts'
import type { Health } from './health.ts'
import { createOperationRoute } from './operations.ts'
import { type About, createProbes, probePaths } from './probes.ts'
import type { Route } from './route.ts'
import type { createPages } from './static.ts'
import type { createStreams } from './stream.ts'

export interface RoutesNeeds {
  readonly settings: EdgeSettings
  readonly bound: readonly Bound[]
  readonly perform: Perform
  readonly streams: Pick<ReturnType<typeof createStreams>, 'route'>
  readonly pages: ReturnType<typeof createPages>
  readonly health: Pick<Health, 'readiness'>
  readonly about: About
  /** How many functions are served; absent: none. */
  readonly functionCount?: () => number
  /** The contract as an OpenAPI document, in JSON. */
  readonly openapi: string
  readonly now: () => number
  /** How long a body may take to arrive, ms. */
  readonly bodyTimeoutMs?: number
}

/** Everything that is served, as `METHOD /path` and its route: what stands outside the contract, then the contract. */
export function allRoutes(needs: RoutesNeeds): (readonly [string, Route])[] {
  const { bypassPaths } = needs.settings
  const isBypassed = (path: string) => bypassPaths.includes(path)
  const probe = createProbes({ ...needs, routes: needs.functionCount ?? (() => 0) })
  const always: readonly string[] = ['/healthz', '/readyz', '/version']
  const probes = probePaths.map((path) => {
    const open = always.includes(path) || isBypassed(path)
    return fixed(path, { step: open ? 3 : 10, open }, async () => probe(path))
  })
  const openapi: Answer = {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: needs.openapi,
  }
  const described = { step: 10, open: isBypassed('/openapi.json') } as const
  const pages = ['/', '/console', '/console/*'].map((path) =>
    fixed(path, { step: 5, open: true }, (asked) => needs.pages(asked)),
  )
  const operation = createOperationRoute({ ...needs, bodyTimeoutMs: needs.bodyTimeoutMs ?? 30_000 })
  return [
    ...probes,
    fixed('/openapi.json', described, async () => openapi),
    ...pages,
    ['GET /stream', needs.streams.route],
    ...needs.bound.map((bound) => [bound.operation.route, operation(bound)] as const),
  ]
}

/** A path outside the contract; one that is not open answers whoever brings a credential. */
function fixed(
  endpoint: string,
  { step, open }: Pick<Route, 'step' | 'open'>,
  answer: (path: string) => Promise<Answer>,
): readonly [string, Route] {
  const route: Route = {
    endpoint,
    step,
    open,
    limit: 'default',
    async answer({ path }, { verified }) {
      if (!open && verified === null) throw fault('unauthenticated')
      return answer(path)
    },
  }
  return [`GET ${endpoint}`, route]
}
