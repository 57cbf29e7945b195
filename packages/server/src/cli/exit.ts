import { Fault } from '@quarterdeck/sdk/errors'
import { StartRefused } from '../config/problem.ts'
import { withoutSecrets } from '../main/environment.ts'

/** Says why a command failed, and with which exit code: 78 a refused configuration, 1 anything else. */
export function exitOf(error: unknown): number {
  const say = (text: string) => console.error(withoutSecrets(text))
  if (error instanceof StartRefused) {
    for (const problem of error.problems) say(`${problem.code}  ${problem.detail}`)
    return 78
  }
  if (error instanceof Fault) {
    // A request that was not made because of a fault of its own tells that fault, not that nothing answered.
    const { code, message, issues } = error.cause instanceof Fault ? error.cause : error
    say(`${code}: ${message}`)
    for (const issue of issues) say(`  ${issue.path.join('.') || '(input)'}: ${issue.message}`)
    return 1
  }
  say(error instanceof Error ? error.message : 'failed')
  return 1
}
