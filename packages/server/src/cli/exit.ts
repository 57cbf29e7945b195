import { Fault } from '@quarterdeck/sdk/errors'
import { StartRefused } from '../config/problem.ts'

/** Says why a command failed, and with which exit code: 78 a refused configuration, 1 anything else. */
export function exitOf(error: unknown): number {
  if (error instanceof StartRefused) {
    for (const problem of error.problems) console.error(`${problem.code}  ${problem.detail}`)
    return 78
  }
  if (error instanceof Fault) {
    console.error(`${error.code}: ${error.message}`)
    for (const issue of error.issues)
      console.error(`  ${issue.path.join('.') || '(input)'}: ${issue.message}`)
    return 1
  }
  console.error(error instanceof Error ? error.message : 'failed')
  return 1
}
