import type { ServerResponse } from 'node:http'
import type { Operation } from '@quarterdeck/sdk/operation'
import type { LimitClass } from '../core/limits/class-limits.ts'
import type { Answer } from './answer.ts'
import type { Arrival } from './arrival.ts'
import type { Caller } from './identify.ts'

/** The segments of a path that a template names, as they were sent. */
export type Params = Readonly<Record<string, string>>

/** What answers a request, and where in the order of checks. */
export interface Route {
  /** The template of its path, for metrics and spans; `other` for what there is not. */
  readonly endpoint: string
  /** Answered by the third step (probes, public keys), the fifth (pages, preflights), or once all is checked. */
  readonly step: 3 | 5 | 10
  /** Needs no credential, and holds nobody off for a cookie that is no good any more. */
  readonly open: boolean
  readonly limit: LimitClass
  /** Can be opened with a ticket. */
  readonly tickets?: true
  readonly operation?: Operation
  /** Under which name its refusals are journaled; absent: they are not. */
  readonly journaled?: string
  /** The methods of a path that has no such one; none: there is no such path. */
  readonly missing?: { readonly allow: readonly string[] }
  /** Throws a fault, or answers; null: it has answered by itself. */
  answer(arrival: Arrival, caller: Caller, params: Params, outgoing: ServerResponse): Promise<Answer | null>
}
