import { type Fault, problemOf } from '@quarterdeck/sdk/errors'
import type { Redactor } from '../core/redact.ts'
import type { Answer } from './answer.ts'
import type { Arrival } from './arrival.ts'
import { otlpProblem } from './otlp.ts'
import type { Route } from './route.ts'

/** A failure as its caller is told: a problem document (RFC 9457), for OTLP a Status; never a page. */
export function problemAnswer(
  needs: { readonly redact: Pick<Redactor, 'value'> },
  { incoming, requestId, headers }: Arrival,
  known: Fault,
  { operation }: Pick<Route, 'operation'>,
): Answer {
  if (known.status === 401) headers['www-authenticate'] = 'Bearer'
  if ((known.status === 429 || known.status === 503) && headers['Retry-After'] === undefined)
    headers['Retry-After'] = retryAfter(known)
  if (operation?.source === 'bytes') return otlpProblem(known, incoming.headers['content-type'])
  const problem = needs.redact.value(problemOf(known, requestId))
  return { status: known.status, headers: problemType, body: JSON.stringify(problem) }
}
const problemType = { 'content-type': 'application/problem+json' }

/** Seconds: what the refusal says itself, else one. */
function retryAfter({ members }: Fault): string {
  const said = members.retryAfter
  return typeof said === 'number' && said >= 0 ? String(Math.ceil(said)) : '1'
}
