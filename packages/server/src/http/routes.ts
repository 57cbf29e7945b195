import { fault } from '@quarterdeck/sdk/errors'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import type { Answer } from './answer.ts'
import type { Arrival } from './arrival.ts'
import { isPreflight } from './preflight.ts'
import type { Params, Route } from './route.ts'

/** A route with what its path names. */
export interface Found {
  readonly route: Route
  readonly params: Params
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const none: Params = {}

/**
 * Makes what finds the route of a request: `METHOD /path/:name` for each, `/path/*` for all below. The first declared
 * wins; `HEAD` goes where `GET` goes. What there is not is a route as well, and is refused in its turn.
 */
export function createRoutes(needs: {
  readonly routes: readonly (readonly [string, Route])[]
  readonly preflight: (methods: readonly string[]) => Answer
}): (arrival: Arrival) => Found {
  const router = new SmartRouter<Route>({ routers: [new RegExpRouter(), new TrieRouter()] })
  for (const [template, route] of needs.routes) {
    const [method = '', path = ''] = template.split(' ')
    router.add(method, path, route)
  }

  // Most paths name nothing, and are found by what they are.
  const plain = new Map<string, Found>()

  function find(method: string, path: string): Found | null {
    return plain.get(`${method} ${path}`) ?? search(method, path)
  }

  function search(method: string, path: string): Found | null {
    const [matches, stash] = router.match(method, path)
    const [first] = matches
    if (first === undefined) return null
    const [route, named] = first
    if (stash === undefined) return { route, params: named as Params }
    if (stash.length === 0) return { route, params: none }
    const params: Record<string, string> = {}
    for (const [name, index] of Object.entries(named)) params[name] = stash[index as number] ?? ''
    return { route, params }
  }

  for (const [template] of needs.routes) {
    const [method = '', path = ''] = template.split(' ')
    const found = /[:*]/.test(path) ? null : search(method, path)
    if (found !== null) plain.set(template, found)
  }

  /** The methods that a path takes, in the order they were declared. */
  function allowed(path: string): string[] {
    const taken = methods.map((method) => ({ method, route: find(method, path)?.route }))
    const at = ({ route }: { readonly route: Route | undefined }) =>
      needs.routes.findIndex(([, one]) => one === route)
    return taken
      .filter((one) => one.route !== undefined)
      .sort((a, b) => at(a) - at(b))
      .map(({ method }) => method)
  }

  return (arrival) => {
    const { method, path } = arrival
    const found = find(method === 'HEAD' ? 'GET' : method, path)
    if (found !== null) return found
    const allow = allowed(path)
    const route = isPreflight(arrival)
      ? preflightRoute(needs.preflight(allow.length === 0 ? methods : allow))
      : missingRoute(allow)
    return { route, params: none }
  }
}

function preflightRoute(answer: Answer): Route {
  return { endpoint: 'other', step: 5, open: true, limit: 'default', answer: async () => answer }
}

function missingRoute(allow: readonly string[]): Route {
  return {
    endpoint: 'other',
    step: 10,
    open: true,
    limit: 'default',
    missing: { allow },
    answer: async () => {
      throw fault('not_found')
    },
  }
}
