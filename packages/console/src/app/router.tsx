import { Fault } from '@quarterdeck/sdk/errors'
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router'
import { Loading } from '../parts/loading.tsx'
import { Page } from '../parts/page.tsx'
import { Problem } from '../parts/problem.tsx'
import { NotFound } from './not-found.tsx'
import {
  atSearch,
  economicsSearch,
  functionSearch,
  functionsSearch,
  identitySearch,
  listSearch,
  signInSearch,
  tableSearch,
  tablesSearch,
  telemetrySearch,
} from './page-searches.ts'
import { queries, sessionQuery } from './queries.ts'
import { parseSearch, stringifySearch } from './search-params.ts'
import { Shell } from './shell.tsx'
import { leaveForSignIn } from './sign-in-redirect.ts'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import('../pages/sign-in/sign-in.tsx'), 'SignIn'),
})

const claim = createRoute({
  getParentRoute: () => root,
  path: '/claim',
  component: lazyRouteComponent(() => import('../pages/claim/claim.tsx'), 'Claim'),
})

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  async beforeLoad() {
    await queries.ensureQueryData(sessionQuery).catch((error: unknown) => {
      if (!(error instanceof Fault && error.status === 401)) throw error
      leaveForSignIn()
      // The page is being left; nothing of it is to be shown meanwhile.
      return new Promise(() => {})
    })
  },
  component: Shell,
})

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  validateSearch: atSearch,
  component: lazyRouteComponent(() => import('../pages/overview/overview.tsx'), 'Overview'),
})

const board = createRoute({
  getParentRoute: () => shell,
  path: '/board',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../pages/board/board.tsx'), 'Board'),
})

const run = createRoute({
  getParentRoute: () => shell,
  path: '/run/$product/$id',
  validateSearch: atSearch,
  component: lazyRouteComponent(() => import('../pages/run/run.tsx'), 'Run'),
})

const operate = createRoute({
  getParentRoute: () => shell,
  path: '/operate',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../pages/operate/operate.tsx'), 'Operate'),
})

const gate = createRoute({
  getParentRoute: () => shell,
  path: '/gate/$product/$id',
  validateSearch: atSearch,
  component: lazyRouteComponent(() => import('../pages/gate/gate.tsx'), 'Gate'),
})

const telemetry = createRoute({
  getParentRoute: () => shell,
  path: '/telemetry',
  validateSearch: telemetrySearch,
  component: lazyRouteComponent(() => import('../pages/telemetry/telemetry.tsx'), 'Telemetry'),
})

const trace = createRoute({
  getParentRoute: () => shell,
  path: '/telemetry/trace/$id',
  component: lazyRouteComponent(() => import('../pages/trace/trace.tsx'), 'Trace'),
})

const economics = createRoute({
  getParentRoute: () => shell,
  path: '/economics',
  validateSearch: economicsSearch,
  component: lazyRouteComponent(() => import('../pages/economics/economics.tsx'), 'Economics'),
})

const functions = createRoute({
  getParentRoute: () => shell,
  path: '/functions',
  validateSearch: functionsSearch,
  component: lazyRouteComponent(() => import('../pages/functions/functions.tsx'), 'Functions'),
})

const oneFunction = createRoute({
  getParentRoute: () => shell,
  path: '/functions/$fn',
  validateSearch: functionSearch,
  component: lazyRouteComponent(() => import('../pages/functions/one-function.tsx'), 'OneFunction'),
})

const tables = createRoute({
  getParentRoute: () => shell,
  path: '/tables',
  validateSearch: tablesSearch,
  component: lazyRouteComponent(() => import('../pages/tables/tables.tsx'), 'Tables'),
})

const oneTable = createRoute({
  getParentRoute: () => shell,
  path: '/tables/$table',
  validateSearch: tableSearch,
  component: lazyRouteComponent(() => import('../pages/tables/one-table.tsx'), 'OneTable'),
})

const identity = createRoute({
  getParentRoute: () => shell,
  path: '/identity',
  validateSearch: identitySearch,
  component: lazyRouteComponent(() => import('../pages/identity/identity.tsx'), 'Identity'),
})

/** Every page by its path under `/console/`; the page's code is loaded when it is opened. */
export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    claim,
    shell.addChildren([
      overview,
      board,
      run,
      operate,
      gate,
      telemetry,
      trace,
      economics,
      functions,
      oneFunction,
      tables,
      oneTable,
      identity,
    ]),
  ]),
  basepath: '/console',
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPendingComponent: () => (
    <Page title="Loading">
      <Loading />
    </Page>
  ),
  defaultErrorComponent: ({ error, reset }) => (
    <Page title="This page failed">
      <Problem error={error} retry={reset} />
    </Page>
  ),
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
