import type { identity } from '@quarterdeck/sdk/contract/identity'
import { fault } from '@quarterdeck/sdk/errors'
import type { Handlers, Showing } from '../../../core/perform.ts'
import type { TokenAuthenticator } from './authenticate.ts'
import type { Credentials } from './credentials.ts'
import type { Families } from './families.ts'
import type { Mint } from './mint.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { Tickets } from './tickets.ts'

/** Seconds that anybody may keep the JWK set. */
const jwksSeconds = 300

type Verbs =
  | 'refresh'
  | 'issueTicket'
  | 'listTokens'
  | 'createToken'
  | 'rotateToken'
  | 'revokeToken'
  | 'mintToken'
  | 'listKeys'
  | 'rotateKeys'
  | 'jwks'

export type TokenHandlers = Pick<Handlers<typeof identity>, Verbs>

interface HandlerNeeds {
  readonly families: Families
  readonly tickets: Tickets
  readonly credentials: Credentials
  readonly mint: Mint
  readonly keys: SigningKeys
  readonly authenticator: Pick<TokenAuthenticator, 'holderOf'>
}

/** The operations of tokens, tickets and signing keys. */
export function tokenHandlers(needs: HandlerNeeds): TokenHandlers {
  const { families, tickets, credentials, mint, keys, authenticator } = needs
  return {
    refresh: ({ input }) => families.refresh(input.refreshToken),
    async issueTicket({ actor, input, from }) {
      const holder = authenticator.holderOf(actor)
      // Who acts within the process brought nothing that a ticket could stand for.
      if (holder === null) throw fault('class_not_accepted')
      const { ticket, expiresAt } = await tickets.issue(holder, { origin: from.origin, topics: input.topics })
      return { ticket, expires: new Date(expiresAt).toISOString() }
    },
    listTokens: ({ actor, input }) => credentials.list(actor, input),
    createToken: ({ actor, input }) => credentials.create(actor, input),
    rotateToken: ({ actor, input }) => credentials.rotate(actor, input.id, input.overlapSeconds),
    async revokeToken({ actor, input }) {
      await credentials.revoke(actor, input.id)
    },
    mintToken: ({ actor, input }) => mint.mint(actor, input),
    listKeys: async () => ({ items: await keys.list() }),
    async rotateKeys() {
      await keys.rotate()
      return { items: await keys.list() }
    },
    async jwks({ reply }) {
      reply.cacheFor?.(jwksSeconds)
      return { keys: (await keys.published()).map((key) => ({ ...key })) }
    },
  }
}

/** What rotating the keys would do, as long as nobody else does it first. */
export function tokenShowing({
  keys,
}: Pick<HandlerNeeds, 'keys'>): Pick<Showing<typeof identity>, 'rotateKeys'> {
  return {
    async rotateKeys() {
      const items = await keys.list()
      const kidOf = (state: string) => items.find((key) => key.state === state)?.kid ?? null
      const next = kidOf('next')
      const does =
        next === null
          ? 'Publish a new signing key; ten minutes later it signs in place of the present one'
          : 'Nothing: the next signing key is published already'
      return { does, current: kidOf('current'), next }
    },
  }
}
