import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { Fault } from '@quarterdeck/sdk/errors'
import type { FunctionItem } from './functions-query.ts'

/** The group that somebody is in who runs a function from here: of the class of their credential. */
export function callerGroup(session: SessionView): string {
  return session.actor.class === 'service' ? 'services' : 'operators'
}

/** What decides where a run was forbidden; undefined for any other outcome. */
export function forbiddenHint(error: unknown, fn: FunctionItem, group: string): string | undefined {
  if (!(error instanceof Fault) || error.code !== 'forbidden') return undefined
  if (typeof error.members.table === 'string')
    return `What app.ts gives the group ${group} on the table ${error.members.table}, and what that permits, decide this.`
  if (fn.ugroup !== null && fn.ugroup !== group) return `It is for members of the group ${fn.ugroup}.`
  return `What app.ts gives the group ${group} on the endpoint group ${fn.egroup} decides this.`
}
