import type { z } from 'zod'
import type { FunctionDefinition, FunctionOptions, InputsOf, ParsedArgs } from './functions/backend.ts'
import type { ContextOf, TableHandle, TablesOf } from './functions/context.ts'

export { fault } from './errors.ts'
export { app } from './functions/app.ts'
export { http } from './functions/http.ts'
export { masked } from './functions/masked.ts'
export { perms } from './functions/perms.ts'
export { table } from './functions/table.ts'

/**
 * Where an app says what its tables are, once:
 * `declare module '@quarterdeck/sdk/functions' { interface Register { tables: typeof import('./tables.ts') } }`
 */
// biome-ignore lint/suspicious/noEmptyInterface: apps add to it
export interface Register {}

type Registered = Register extends { readonly tables: infer Module }
  ? TablesOf<Module>
  : Readonly<Record<string, TableHandle<Record<string, unknown>>>>

/** What a function's handler works with. */
export type Context = ContextOf<Registered>

/**
 * Declares a function of an app: exported from `functions/`, it is called by the name of its export. Each call is one
 * transaction, under the caller's rights.
 */
export function backend<
  const Args extends readonly z.ZodType[] = readonly [],
  Result extends z.ZodType = z.ZodUnknown,
  Output extends z.input<Result> = z.input<Result>,
>(
  options: FunctionOptions<Args, Result>,
  handler: (ctx: Context, ...args: ParsedArgs<Args>) => Output | Promise<Output>,
): FunctionDefinition<InputsOf<Args>, Output> {
  return { kind: 'function', options, handler: handler as FunctionDefinition['handler'] }
}
