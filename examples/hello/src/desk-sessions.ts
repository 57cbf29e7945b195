import { type Client, createClient } from '@quarterdeck/sdk/client'
import { Fault } from '@quarterdeck/sdk/errors'
import { firstPeople } from '../app/first-people.ts'

/** Half a day, in seconds. */
const ttl = 43_200

/**
 * Lets people of the demo in. This server holds a token that may mint; the page gets a token of one person, who is in
 * the groups `member` and, leading the desk, `lead`. A real one would ask who it is.
 */
export function createDeskSessions(needs: { readonly url: string; readonly token: string }) {
  const client: Client = createClient(needs)
  return {
    /** Puts the demo's people and tickets on an empty desk. Rejects where the server has no such functions. */
    async furnish(): Promise<void> {
      await client.functions.call({ fn: 'furnish', args: [] }, { idempotencyKey: 'furnish' })
    },
    /** The session of a person; null when there is nobody of this id. */
    async open(id: unknown): Promise<object | null> {
      const person = firstPeople.find((one) => one.id === id)
      if (person === undefined) return null
      const groups = person.role === 'lead' ? ['member', 'lead'] : ['member']
      const { accessToken } = await client.identity.mintToken({
        class: 'user',
        subject: person.id,
        groups,
        ttl,
      })
      return { person, url: needs.url, token: accessToken }
    },
  }
}

/** Why there is no desk on a server, in words. */
export function whyNoDesk(error: unknown): string {
  if (error instanceof Fault && error.code === 'not_found')
    return 'the server runs without the functions of examples/hello/app'
  return error instanceof Error ? error.message : 'failed'
}
