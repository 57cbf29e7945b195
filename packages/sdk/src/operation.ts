import type { z } from 'zod'
import type { ActorClass } from './actor.ts'
import type { Code } from './errors.ts'

export type Effect = 'read' | 'write' | 'danger'
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type Route = `${Method} /${string}`

/**
 * Where a request's input comes from: its path and query (and JSON object body), or the body as one value. `arguments`:
 * the path, and as `args` the body, which is a list of them, or the one, or nothing.
 */
export type Source = 'fields' | 'body' | 'bytes' | 'arguments'

/** One act of the platform, said once: routes, client, OpenAPI, CLI and tools all follow from it. */
export interface Operation<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  /** `area.verb`; the area is also the permission prefix and the page. */
  readonly name: Name
  readonly summary: string
  /** Method and path; `:name` takes one path segment, decoded. */
  readonly route: Route
  readonly input: Input
  readonly output: Output
  /** Codes of its own, beside those any operation may answer. */
  readonly errors: readonly Code[]
  /** `area:verb`, or `public`. */
  readonly permission: string
  readonly effect: Effect
  /** A typed word (or null: the code alone) and a second factor over the exact input. */
  readonly proof?: {
    readonly word: string | null
    /** What is shown decides for each call: whether a proof is needed at all, and which word. */
    readonly perCall?: true
  }
  /** `own`: its handler looks after `Idempotency-Key` itself, with what it writes. */
  readonly repeats?: 'own'
  /** Classes of credential that may perform it; absent: all that hold the permission. A danger takes operators alone. */
  readonly classes?: readonly ActorClass[]
  /** Only actors of the home tenant. */
  readonly home?: true
  /** Goes on when its area is switched off: signing in, proving, revoking. */
  readonly always?: true
  readonly source: Source
  /** Media types it takes, first the preferred. */
  readonly accepts: readonly string[]
  /** Bytes at most, inflated; absent: what the deployment's settings say. */
  readonly maxBody?: number
  /** Milliseconds that its handler has; absent: what the deployment's settings say. */
  readonly timeoutMs?: number
  /** The class of rate limits that a call counts in. */
  readonly limit: 'chat' | 'ingest' | 'default'
  /** Whose calls are journaled as asked and done or failed: everybody's, operators' alone, or nobody's. Refusals always are. */
  readonly journaled: 'all' | 'operators' | 'refusals'
  /** Fields of the input that no journal may hold. */
  readonly secretInput: readonly string[]
  /** The answer holds a secret that is shown once and never stored. */
  readonly secretOutput?: true
  readonly status: number
}

export type InputOf<O> = O extends Operation<string, infer I> ? z.input<I> : never
export type ParsedOf<O> = O extends Operation<string, infer I> ? z.output<I> : never
export type OutputOf<O> = O extends Operation<string, z.ZodType, infer R> ? z.output<R> : never

type Said<Name extends string, Input extends z.ZodType, Output extends z.ZodType> = Pick<
  Operation<Name, Input, Output>,
  'name' | 'summary' | 'route' | 'input' | 'output' | 'permission' | 'effect'
> &
  Partial<
    Pick<
      Operation<Name, Input, Output>,
      | 'errors'
      | 'proof'
      | 'repeats'
      | 'classes'
      | 'home'
      | 'always'
      | 'source'
      | 'accepts'
      | 'maxBody'
      | 'timeoutMs'
      | 'limit'
      | 'journaled'
      | 'secretInput'
      | 'secretOutput'
      | 'status'
    >
  >

/** Declares an operation that answers once. */
export function operation<const Name extends string, Input extends z.ZodType, Output extends z.ZodType>(
  said: Said<Name, Input, Output>,
): Operation<Name, Input, Output> {
  return {
    errors: [],
    source: 'fields',
    accepts: ['application/json'],
    limit: 'default',
    journaled: said.effect === 'read' ? 'refusals' : 'all',
    secretInput: [],
    status: 200,
    ...(said.effect === 'danger' ? { classes: ['operator'] as const } : {}),
    ...said,
  }
}

/** A topic of the live feed: a snapshot on joining, then numbered deltas. */
export interface Feed<
  Topic extends string = string,
  Snapshot extends z.ZodType = z.ZodType,
  Delta extends z.ZodType = z.ZodType,
> {
  /** `state`, or a pattern such as `functions.change/:table`. */
  readonly topic: Topic
  readonly summary: string
  readonly permission: string
  /** What a snapshot event holds beside `topic` and `position`. */
  readonly snapshot: Snapshot
  readonly delta: Delta
}

/** Declares a topic that answers many times. */
export function feed<const Topic extends string, Snapshot extends z.ZodType, Delta extends z.ZodType>(
  said: Feed<Topic, Snapshot, Delta>,
): Feed<Topic, Snapshot, Delta> {
  return said
}

/** The area of an operation: what stands before the dot of its name. */
export function areaOf(operation: Pick<Operation, 'name'>): string {
  return operation.name.slice(0, operation.name.indexOf('.'))
}
