import { timingSafeEqual } from 'node:crypto'
import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import { hashOf } from '../secret-hash.ts'

/** A token that the deployment's settings bring along. */
export interface BootstrapToken {
  readonly token: string
  readonly tenant: string
  readonly label: string
  /** Permissions; absent: those of the role developer, and identity:tokens. */
  readonly scopes?: readonly string[]
  readonly producers?: readonly { readonly id: string; readonly product: string }[]
  /** Whose limits count for it. */
  readonly tier?: string
  /** Unix ms. */
  readonly expiresAt?: number
}

/** Finds who a token of the settings stands for. All of them are of the class service. */
export interface BootstrapTokens {
  /** The actor of a token and its end (Unix ms or `Infinity`); null: none of them. Throws `credential_expired`. */
  find(token: string): { readonly actor: Actor; readonly expiresAt: number } | null
  /** The same by the public id of a token; null when it is gone or expired. */
  byCredential(id: string): { readonly actor: Actor; readonly expiresAt: number } | null
}

const apiKeyPermissions = ['assistant:chat', 'assistant:approve-own', 'assistant:complete']

/** The tokens and API keys of the settings. They are known by their hashes; the values are not kept. */
export function createBootstrapTokens(needs: {
  readonly tokens: readonly BootstrapToken[]
  readonly apiKeys: readonly string[]
  readonly homeTenant: string
  /** What a token without scopes holds. */
  readonly permissions: readonly string[]
  readonly now: () => number
}): BootstrapTokens {
  const { now, homeTenant } = needs
  const keys = needs.apiKeys.map((token) => ({
    token,
    tenant: homeTenant,
    label: `key-${hashOf(token).slice(0, 8)}`,
    scopes: apiKeyPermissions,
  }))
  const known = new Map(
    [...needs.tokens, ...keys].map((one: BootstrapToken) => {
      const hash = hashOf(one.token)
      const actor: Actor = {
        tenant: one.tenant,
        principal: one.label,
        class: 'service',
        permissions: one.scopes ?? needs.permissions,
        ...(one.producers === undefined ? {} : { producers: one.producers }),
        ...(one.tier === undefined ? {} : { tier: one.tier }),
        credential: `env-${hash.slice(0, 12)}`,
      }
      return [actor.credential, { hash: Buffer.from(hash), actor, expiresAt: one.expiresAt ?? Infinity }]
    }),
  )
  return {
    find(token) {
      const hash = hashOf(token)
      const found = known.get(`env-${hash.slice(0, 12)}`)
      if (found === undefined || !timingSafeEqual(found.hash, Buffer.from(hash))) return null
      if (found.expiresAt <= now()) throw fault('credential_expired')
      return found
    },
    byCredential(id) {
      const found = known.get(id)
      return found === undefined || found.expiresAt <= now() ? null : found
    },
  }
}
