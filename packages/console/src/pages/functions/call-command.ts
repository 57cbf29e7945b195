import type { FunctionItem } from './functions-query.ts'
import { sampleOf } from './sample-of.ts'

/** The function that is easiest to call by hand: one that reads, with the fewest arguments. None: all are internal. */
export function easiest(functions: readonly FunctionItem[]): FunctionItem | undefined {
  const cost = ({ perm, args, ugroup, broken }: FunctionItem) =>
    (broken === null ? 0 : 1_000) +
    (perm & 1) * 400 +
    (perm & 2) * 100 +
    (ugroup === null ? 0 : 50) +
    args.length
  return functions.filter(({ internal }) => !internal).toSorted((a, b) => cost(a) - cost(b))[0]
}

/** The command that calls a function with arguments that it is likely to take. The token is named, never shown. */
export function callCommand(fn: Pick<FunctionItem, 'name' | 'args'>, origin: string): string {
  const args = fn.args.map((schema) => sampleOf(schema))
  // One quote of the shell cannot stand inside another.
  const body = JSON.stringify(args).replaceAll("'", "'\\''")
  return [
    `curl -sS ${origin}/rpc/${fn.name} \\`,
    '  -H "Authorization: Bearer $QUARTERDECK_TOKEN" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d '${body}'`,
  ].join('\n')
}
