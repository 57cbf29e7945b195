import type { IncomingMessage } from 'node:http'
import type { Actor } from '@quarterdeck/sdk/actor'
import { type Code, Fault, fault, problemOf } from '@quarterdeck/sdk/errors'
import type { Operation } from '@quarterdeck/sdk/operation'
import { Hono } from 'hono'
import type { Handler, Perform, Reply } from '../core/perform.ts'
import { faultOf } from '../core/port-fault.ts'
import type { Redactor } from '../core/redact.ts'
import { sessionCookie } from './cookies.ts'
import { checkCookieWrite, checkHost, checkOrigin, type Site } from './guard.ts'
import { commonHeaders, type HeaderReader, requestIdOf } from './headers.ts'
import { type Authenticate, type Caller, identify, nobody } from './identify.ts'
import { readInput } from './input.ts'
import { otlpAnswer, otlpProblem } from './otlp.ts'

/** An operation with what runs it. */
export interface Bound {
  readonly operation: Operation
  readonly handler: Handler<Operation>
}

export interface AppNeeds {
  readonly bound: readonly Bound[]
  readonly perform: Perform
  readonly authenticate: Authenticate
  readonly site: Site
  /** What a problem says passes it: paths and ids come from the caller. */
  readonly redact: Pick<Redactor, 'value'>
  readonly homeTenant: string
  readonly randomId: () => string
  /** Why nothing can be served now; null when it can. */
  readonly notReady: () => string | null
  /** A call that was refused because of the credential it came with. */
  readonly refused: (refusal: {
    readonly actor: Actor
    readonly operation: string
    readonly requestId: string
    readonly by: string
    readonly code: Code
  }) => void
  /** Of a session's cookie. */
  readonly sessions: {
    close(token: string): Promise<void>
    endsAt(token: string): Promise<number | null>
  }
  /** A failure that is ours, for the log. */
  readonly failed: (error: Fault, operation: string, requestId: string) => void
  /** Each answer, for metrics. */
  readonly answered?: (operation: string, method: string, status: number, ms: number) => void
  readonly now: () => number
}

const noQuery = new URLSearchParams()

type Env = { Bindings: { incoming: IncomingMessage } }

/** Whether cookies are for https only: the public origin says so. */
export function isSecure(site: Site): boolean {
  return site.publicOrigin?.startsWith('https:') ?? false
}

/** The API: one route for each operation of the contract, and nothing else. */
export function createApp(needs: AppNeeds): Hono<Env> {
  const { site } = needs
  const secure = isSecure(site)
  const app = new Hono<Env>()
  const allowed = allowedMethods(needs.bound)

  /** Answers a failure; the request's id is in the header and in the body. */
  function refuse(
    error: unknown,
    requestId: string,
    operation: Operation | null,
    type: string,
    foreign: string | null,
  ): Response {
    const known = faultOf(error)
    if (known.status >= 500) needs.failed(known, operation?.name ?? 'unknown', requestId)
    const headers = headersOf(requestId, foreign)
    if (known.code === 'unauthenticated' || known.code.startsWith('credential_'))
      headers['www-authenticate'] = 'Bearer'
    if (known.status === 503) headers['retry-after'] = '1'
    if (operation?.source === 'bytes') return otlpProblem(known, type, headers)
    headers['content-type'] = 'application/problem+json'
    const problem = needs.redact.value(problemOf(known, requestId))
    return new Response(JSON.stringify(problem), { status: known.status, headers })
  }

  function headersOf(requestId: string, foreign: string | null): Record<string, string> {
    const headers: Record<string, string> = {
      ...commonHeaders,
      'x-request-id': requestId,
      'cache-control': 'no-store',
    }
    if (secure) headers['strict-transport-security'] = 'max-age=31536000; includeSubDomains'
    if (foreign !== null) {
      headers['access-control-allow-origin'] = foreign
      headers.vary = 'Origin'
    }
    return headers
  }

  async function answer(
    { operation, handler }: Bound,
    incoming: IncomingMessage,
    params: Readonly<Record<string, string>>,
    url: string,
    signal: AbortSignal,
  ): Promise<Response> {
    const started = needs.now()
    const headers: HeaderReader = { get: (name) => headerOf(incoming, name) }
    const requestId = requestIdOf(headers, needs.randomId)
    const type = headers.get('content-type') ?? ''
    let foreign: string | null = null
    let response: Response
    try {
      checkHost(site, headers)
      foreign = checkOrigin(site, headers)
      const reason = needs.notReady()
      if (reason !== null) throw fault('not_ready', reason)
      // Signing in and out works whatever credential the browser still holds.
      const caller =
        operation.permission === 'public'
          ? await callerOrNobody(headers)
          : await identify({ ...needs, secure }, headers).catch((error: unknown) => {
              if (error instanceof Fault) refusedCaller(operation, incoming, requestId, error.code)
              throw error
            })
      if (caller.session !== null && operation.effect !== 'read') checkCookieWrite(site, headers)
      const cookies: string[] = []
      const mark = url.indexOf('?')
      const output = await needs.perform(operation, handler, {
        actor: caller.actor,
        input: () =>
          readInput(operation, {
            params,
            query: mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1)),
            incoming,
          }),
        requestId,
        signal,
        reply: replyOf(caller, cookies),
        by: caller.actor.credential || (incoming.socket.remoteAddress ?? ''),
      })
      const sent = headersOf(requestId, foreign)
      if (cookies[0] !== undefined) sent['set-cookie'] = cookies[0]
      if (operation.source === 'bytes') response = otlpAnswer(operation, output, type, sent)
      else if (operation.status === 204) response = new Response(null, { status: 204, headers: sent })
      else {
        sent['content-type'] = 'application/json'
        response = new Response(JSON.stringify(output), { status: operation.status, headers: sent })
      }
    } catch (error) {
      response = refuse(error, requestId, operation, type, foreign)
    }
    needs.answered?.(operation.name, incoming.method ?? '', response.status, needs.now() - started)
    return response
  }

  /** Nobody knows who a bad credential is of: it is counted by address, in the home tenant. */
  function refusedCaller(
    operation: Operation,
    incoming: IncomingMessage,
    requestId: string,
    code: Code,
  ): void {
    const by = incoming.socket.remoteAddress ?? ''
    needs.refused({ actor: nobody(needs.homeTenant), operation: operation.name, requestId, by, code })
  }

  async function callerOrNobody(headers: HeaderReader): Promise<Caller> {
    try {
      return await identify({ ...needs, secure }, headers)
    } catch {
      return { actor: nobody(needs.homeTenant), session: null }
    }
  }

  function replyOf({ session }: Caller, cookies: string[]): Reply {
    return {
      setSession({ token, maxAgeSeconds }) {
        cookies[0] = sessionCookie(secure, token, maxAgeSeconds)
      },
      async endSession() {
        if (session !== null) await needs.sessions.close(session)
        cookies[0] = sessionCookie(secure, null, 0)
      },
      sessionEndsAt: async () => (session === null ? null : needs.sessions.endsAt(session)),
    }
  }

  for (const bound of needs.bound) {
    const [method, path] = bound.operation.route.split(' ') as [string, string]
    app.on(method, path, (context) => {
      const { incoming } = context.env
      return answer(bound, incoming, context.req.param(), incoming.url ?? '', context.req.raw.signal)
    })
  }

  app.notFound((context) => {
    const { incoming } = context.env
    const headers: HeaderReader = { get: (name) => headerOf(incoming, name) }
    const requestId = requestIdOf(headers, needs.randomId)
    try {
      checkHost(site, headers)
      const foreign = checkOrigin(site, headers)
      const methods = allowed(context.req.path)
      if (methods.length === 0) throw fault('not_found')
      if (context.req.method === 'OPTIONS' && foreign !== null) return preflight(methods, foreign, requestId)
      const refusal = refuse(fault('method_not_allowed'), requestId, null, '', foreign)
      refusal.headers.set('allow', methods.join(', '))
      return refusal
    } catch (error) {
      return refuse(error, requestId, null, '', null)
    }
  })

  function preflight(methods: readonly string[], foreign: string, requestId: string): Response {
    const headers = headersOf(requestId, foreign)
    headers['access-control-allow-methods'] = methods.join(', ')
    headers['access-control-allow-headers'] =
      'authorization, content-type, idempotency-key, last-event-id, x-request-id'
    headers['access-control-max-age'] = '600'
    return new Response(null, { status: 204, headers })
  }

  return app
}

/** A header of a Node request; several of one name are joined as Node joins them. */
export function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** Which methods a path takes, for 405 and preflights. */
function allowedMethods(bound: readonly Bound[]): (path: string) => string[] {
  const routes = bound.map(({ operation }) => {
    const [method, path] = operation.route.split(' ') as [string, string]
    return { method, pattern: new RegExp(`^${path.replace(/\./g, '\\.').replace(/:\w+/g, '[^/]+')}$`) }
  })
  return (path) => [
    ...new Set(routes.filter((route) => route.pattern.test(path)).map((route) => route.method)),
  ]
}
