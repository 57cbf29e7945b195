/** Something that keeps a server from starting. `detail` never holds a value that could be a secret. */
export interface StartProblem {
  readonly code: string
  readonly setting?: string
  readonly detail: string
}

/** Thrown when a server cannot start: every reason at once. */
export class StartRefused extends Error {
  readonly problems: readonly StartProblem[]

  constructor(problems: readonly StartProblem[]) {
    super(problems.map((problem) => `${problem.code}: ${problem.detail}`).join('\n'))
    this.name = 'StartRefused'
    this.problems = problems
  }
}
