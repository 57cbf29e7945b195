import type { z } from 'zod'
import type { Bits } from './perms.ts'

export interface FunctionOptions<
  Args extends readonly z.ZodType[] = readonly z.ZodType[],
  Result extends z.ZodType = z.ZodType,
> {
  /** Positional schemas; none unless said. */
  readonly args?: Args
  /** Checked before the commit. */
  readonly result?: Result
  /** Bits that a caller must hold; with 2 or 1 it may write. */
  readonly perm: Bits
  /** A group that a caller must be in. */
  readonly ugroup?: string
  /** The group of endpoints that grants bits; `default` unless said. */
  readonly egroup?: string
  readonly isolation?: 'snapshot' | 'serializable'
  /** Repeats after a conflict, 0 to 5; 3 unless said. */
  readonly retry?: number
  /** At most 300,000; 10,000 unless said. */
  readonly deadlineMs?: number
  /** May be followed as a live query; only a function that does not write. */
  readonly live?: boolean
  /** Reached by `ctx.call` alone. */
  readonly internal?: boolean
  /** Five fields in UTC; implies internal. */
  readonly cron?: string
  /** Table bits lent to the function, without owner rule and masks. */
  readonly elevate?: Readonly<Record<string, Bits>>
}

/** A function of an app, as data with its handler. `Args` are what it takes as JSON or richer, `Output` what it gives. */
export interface FunctionDefinition<Args extends readonly unknown[] = readonly unknown[], Output = unknown> {
  readonly kind: 'function'
  readonly options: FunctionOptions
  readonly handler: (ctx: never, ...args: never[]) => unknown
  /** Only in types. */
  readonly types?: { readonly args: Args; readonly output: Output }
}

export type InputsOf<Args extends readonly z.ZodType[]> = {
  -readonly [At in keyof Args]: z.input<Args[At]>
}
export type ParsedArgs<Args extends readonly z.ZodType[]> = {
  -readonly [At in keyof Args]: z.output<Args[At]>
}

/** Whether a function with these bits may write. */
export function isWriting(perm: number): boolean {
  return (perm & 3) !== 0
}
