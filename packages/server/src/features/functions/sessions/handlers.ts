import type { Actor } from '@quarterdeck/sdk/actor'
import type { functions } from '@quarterdeck/sdk/contract/functions'
import { fault } from '@quarterdeck/sdk/errors'
import type { CallerInfo } from '@quarterdeck/sdk/functions/context'
import type { Handlers } from '../../../core/perform.ts'
import { callerOf } from '../caller.ts'
import type { Sessions } from './sessions.ts'

const classes: ReadonlySet<string> = new Set(['user', 'service', 'operator', 'producer'])

/** Who may have a session: anybody with a credential that acts. */
function sessionCaller(actor: Actor): CallerInfo {
  if (actor.class === 'anonymous') throw fault('unauthenticated')
  if (!classes.has(actor.class)) throw fault('class_not_accepted')
  return callerOf(actor)
}

/** The operations on transactions across calls. */
export function sessionHandlers(needs: {
  readonly sessions: Sessions
}): Pick<Handlers<typeof functions>, 'begin' | 'commit' | 'abort'> {
  const { sessions } = needs
  return {
    begin: async ({ actor, input }) => sessions.begin(sessionCaller(actor), input.isolation ?? 'snapshot'),
    commit: async ({ actor, input }) => sessions.commit(sessionCaller(actor), input.sid),
    abort: async ({ actor, input }) => {
      await sessions.abort(sessionCaller(actor), input.sid)
      return undefined
    },
  }
}
