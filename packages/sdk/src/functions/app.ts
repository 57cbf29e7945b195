import type { CallerInfo } from './context.ts'
import type { Bits } from './perms.ts'

/** What members of a group hold; `*` stands for each. */
export interface GroupOptions {
  readonly endpoints?: Readonly<Record<string, Bits>>
  readonly tables?: Readonly<Record<string, Bits>>
}

/** What a middleware knows of a call. */
export interface MiddlewareContext {
  readonly fn: string
  readonly egroup: string
  readonly args: readonly unknown[]
  readonly actor: CallerInfo
  readonly requestId: string
  readonly signal: AbortSignal
}

/** Runs once a request around all attempts, in the order of the app. It sees the result and may refuse; it never grants. */
export interface Middleware {
  /** All that are named must hold: a prefix of the path `/rpc/…`, an endpoint group, names of functions. */
  readonly filter?: {
    readonly prefixurl?: string
    readonly egroup?: string
    readonly endpoints?: readonly string[]
  }
  fn(ctx: MiddlewareContext, next: () => Promise<unknown>): unknown
}

export interface AppDefinition {
  readonly kind: 'app'
  readonly middleware: readonly Middleware[]
  readonly groups: Readonly<Record<string, GroupOptions>>
}

/** Says what groups hold, and what runs around every call. */
export function app(options: {
  readonly middleware?: readonly Middleware[]
  readonly groups?: Readonly<Record<string, GroupOptions>>
}): AppDefinition {
  return { kind: 'app', middleware: options.middleware ?? [], groups: options.groups ?? {} }
}
