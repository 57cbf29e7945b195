/** Thrown when an app cannot be built: every reason at once, each with the file it is about. */
export class BuildRefused extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'BuildRefused'
    this.problems = problems
  }
}
