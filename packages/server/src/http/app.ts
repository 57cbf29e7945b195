import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Code, Fault } from '@quarterdeck/sdk/errors'
import { faultOf } from '../core/port-fault.ts'
import type { Redactor } from '../core/redact.ts'
import { allRoutes, type RoutesNeeds } from './all-routes.ts'
import { type Answer, send } from './answer.ts'
import { type Arrival, createArrivals } from './arrival.ts'
import { createEdge, type EdgeNeeds } from './edge.ts'
import { createPreflight } from './preflight.ts'
import { problemAnswer } from './problem.ts'
import type { Route } from './route.ts'
import { createRoutes, type Found } from './routes.ts'
import { noTracing, type Tracing } from './tracing.ts'

/** A request that was answered, as metrics count it. */
export interface Answered {
  /** The template of its route, or `other`. */
  readonly endpoint: string
  readonly operation: string | null
  readonly method: string
  readonly status: number
  /** Until the answer was ready, of a stream until it was open. */
  readonly ms: number
  /** Why it failed; null when it did not. */
  readonly code: Code | null
}

type Outcome = Pick<Answered, 'status' | 'code'>

export interface AppNeeds extends EdgeNeeds, RoutesNeeds {
  /** What a problem says passes it: paths and ids come from the caller. */
  readonly redact: Pick<Redactor, 'value'>
  readonly randomId: () => string
  /** A failure that is ours, for the log. */
  readonly failed: (error: Fault, operation: string, requestId: string) => void
  readonly answered?: (answered: Answered) => void
  /** Absent: requests are not traced. */
  readonly tracing?: Pick<Tracing, 'traceRequest'>
}

/** Everything that answers on the server's port. */
export interface App {
  /** Answers a request, whatever it is. */
  handle(incoming: IncomingMessage, outgoing: ServerResponse): void
  /** From now on every answer asks its client to connect anew for the next request. */
  leave(): void
}

/** Makes the app: probes, pages, the live feed and one route for each operation of the contract. */
export function createApp(needs: AppNeeds): App {
  const edge = createEdge(needs)
  const arrive = createArrivals(needs)
  const find = createRoutes({ routes: allRoutes(needs), preflight: createPreflight(needs.settings) })
  // Where nothing is traced, requests are not made to look as if they were.
  const tracing = needs.tracing === noTracing ? undefined : needs.tracing
  let leaving = false

  function refuse(arrival: Arrival, route: Route, known: Fault): Answer {
    if (known.status >= 500) needs.failed(known, route.operation?.name ?? route.endpoint, arrival.requestId)
    return problemAnswer(needs, arrival, known, route)
  }

  async function answer(
    arrival: Arrival,
    { route, params }: Found,
    outgoing: ServerResponse,
  ): Promise<Outcome> {
    let answer: Answer | null
    let code: Code | null = null
    try {
      const caller = await edge.admit(arrival, route)
      answer = await route.answer(arrival, caller, params, outgoing)
    } catch (error) {
      const known = faultOf(error)
      code = known.code
      answer = refuse(arrival, route, known)
    }
    if (answer === null) return { status: outgoing.statusCode, code }
    send(arrival, outgoing, answer, leaving)
    return { status: answer.status, code }
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const started = needs.now()
    const arrival = arrive(incoming)
    const found = find(arrival)
    const { endpoint, step, operation } = found.route
    const { method } = arrival
    const run = () => answer(arrival, found, outgoing)
    const { status, code } =
      tracing === undefined || step !== 10
        ? await run()
        : await tracing.traceRequest(incoming.headers, { method, route: endpoint }, async (span) => {
            const outcome = await run()
            span.answered(outcome.status, ...(outcome.code === null ? [] : [outcome.code]))
            return outcome
          })
    needs.answered?.({
      endpoint,
      operation: operation?.name ?? null,
      method,
      status,
      ms: needs.now() - started,
      code,
    })
  }

  return {
    handle(incoming, outgoing) {
      serve(incoming, outgoing).catch((error: unknown) => {
        needs.failed(faultOf(error), 'unknown', '')
        outgoing.destroy()
      })
    },
    leave() {
      leaving = true
    },
  }
}
