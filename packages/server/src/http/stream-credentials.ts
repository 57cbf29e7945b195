import type { Actor } from '@quarterdeck/sdk/actor'
import type { Credential, Verified } from '../core/authenticate.ts'
import { faultOf } from '../core/port-fault.ts'

/** Told who a credential stands for by now; null when it is refused. */
export type OnActor = (actor: Actor | null) => void

/** Keeps asking who the credentials of open streams stand for. */
export interface CredentialWatch {
  /**
   * Tells of a credential until stopped. However many streams it has open, it is asked for once in a while. Null: of
   * callers that have none, who stay who they are.
   */
  watch(credential: Credential | null, verified: Verified, onActor: OnActor): () => void
}

/** Makes the watch that all streams share: one timer for each credential that has streams open. */
export function createCredentialWatch(needs: {
  /** How often a credential is asked for, ms. */
  readonly everyMs: number
}): CredentialWatch {
  const watched = new Map<string, { readonly told: Set<OnActor>; readonly timer: NodeJS.Timeout }>()

  async function ask(verified: Verified, told: ReadonlySet<OnActor>): Promise<void> {
    let actor: Actor | null
    try {
      actor = await verified.again()
    } catch (error) {
      // Only a credential that is refused ends its streams; a store that is away for a moment does not.
      if (faultOf(error).status >= 500) return
      actor = null
    }
    for (const onActor of [...told]) onActor(actor)
  }

  return {
    watch(credential, verified, onActor) {
      const key = credential === null ? '' : `${credential.kind} ${credential.value}`
      let one = watched.get(key)
      if (one === undefined) {
        const told = new Set<OnActor>()
        one = { told, timer: setInterval(() => void ask(verified, told), needs.everyMs) }
        watched.set(key, one)
      }
      const { told, timer } = one
      told.add(onActor)
      return () => {
        told.delete(onActor)
        if (told.size > 0 || watched.get(key)?.told !== told) return
        clearInterval(timer)
        watched.delete(key)
      }
    },
  }
}
