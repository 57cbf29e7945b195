/** What kind of credential a request came with. */
export type ActorClass = 'anonymous' | 'producer' | 'service' | 'user' | 'operator' | 'gate'

/** Who acts: always a tenant, a principal in it, and what that principal may do. It comes from the credential alone. */
export interface Actor {
  readonly tenant: string
  readonly principal: string
  readonly class: ActorClass
  /** Permissions such as `records:write`. `*` holds all of them, `records:*` those of one area, `*:read` one verb of all. */
  readonly permissions: readonly string[]
  /** The producers it may speak for; absent: any. */
  readonly producers?: readonly { readonly id: string; readonly product: string }[]
  /** The credential's public id, for audit, revocation and limits. */
  readonly credential: string
  /** An operator's roles in the tenant. */
  readonly roles?: readonly string[]
  /** A function user's groups. */
  readonly groups?: readonly string[]
  /** The tier whose limits count for the credential. */
  readonly tier?: string
  /** Of an operator: whether a second factor is enrolled. */
  readonly enrolled?: boolean
  /** Of the class gate: the one deploy and release that it may look at. */
  readonly gate?: { readonly deploy: string; readonly release: string }
}

/** Whether the actor holds a permission `area:verb`, directly or by a wildcard. */
export function holds(actor: Actor, permission: string): boolean {
  const [area, verb] = permission.split(':')
  return actor.permissions.some(
    (held) => held === permission || held === '*' || held === `${area}:*` || held === `*:${verb}`,
  )
}
