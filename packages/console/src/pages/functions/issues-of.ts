import { Fault, type Issue } from '@quarterdeck/sdk/errors'

/** The issues of a refused run by their place among the arguments. */
export function issuesOf(error: unknown): Issue[] {
  if (!(error instanceof Fault)) return []
  return error.issues
    .map(({ path, message }) => ({ path: path[0] === 'args' ? path.slice(1) : path, message }))
    .filter(({ path: [at] }) => typeof at === 'number')
}

/** What is wrong at a place, in one text; `deep`: also with what lies within. Undefined: nothing. */
export function wrongAt(issues: readonly Issue[], path: Issue['path'], deep: boolean): string | undefined {
  const said = issues
    .filter(({ path: where }) => path.every((key, at) => where[at] === key))
    .filter(({ path: where }) => deep || where.length === path.length)
    .map(({ path: where, message }) => [...where.slice(path.length), message].join(': '))
  return said.length === 0 ? undefined : said.join('\n')
}
