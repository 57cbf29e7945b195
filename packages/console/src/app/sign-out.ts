import { client } from './client.ts'
import { changingSession } from './session-change.ts'

/**
 * Ends the session, also where it is gone already, and leaves for the sign-in page, to come back into another tenant
 * if one is named. A full load, so that nothing of the session stays in memory.
 */
export async function signOut(tenant?: string): Promise<void> {
  const search = tenant === undefined ? '' : `?${new URLSearchParams({ tenant })}`
  await changingSession(async () => {
    await client.identity.closeSession().catch(() => {})
    window.location.assign(`/console/sign-in${search}`)
    // Until the page is gone: else its own feed, which has just ended, would lead back here after signing in.
    await new Promise(() => {})
  })
}
