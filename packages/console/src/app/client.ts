import { createClient } from '@quarterdeck/sdk/client'

/** The one client of the page: same origin, the session's cookie. */
export const client = createClient({ url: '' })
