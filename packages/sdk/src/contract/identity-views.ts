import { z } from 'zod'

/** What an operator may be in a tenant, from the least to the most. */
export const Role = z.enum(['viewer', 'support', 'developer', 'operator', 'owner'])
export type Role = z.infer<typeof Role>

/** A tenant's name. */
export const TenantName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is not a tenant name')

/** A mail address as a person types it; compared without regard to case. */
export const Email = z.string().trim().toLowerCase().pipe(z.email().max(254))

/** The six digits of a second factor. */
export const TotpCode = z.string().regex(/^\d{6}$/, 'needs six digits')

/** A permission `area:verb`, without wildcards. */
export const Scope = z.string().regex(/^[a-z]+:[A-Za-z-]+$/, 'is not area:verb')

/** A person's words, for the record. */
export const Reason = z.string().trim().min(1).max(500)

const Instant = z.string()

/** A person who works in the console. Memberships are those that the reader may see. */
export const Operator = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  memberships: z.array(z.object({ tenant: z.string(), role: Role })),
  subjects: z.array(z.object({ issuer: z.string(), sub: z.string() })),
  /** Whether a second factor is enrolled. */
  enrolled: z.boolean(),
  /** Until when an invitation can be accepted; null once it was. */
  invitedUntil: Instant.nullable(),
  disabledAt: Instant.nullable(),
  createdAt: Instant,
})
export type Operator = z.infer<typeof Operator>

/** A sign-in that is still open. */
export const SessionItem = z.object({
  id: z.string(),
  /** How it was opened: `link`, `totp`, `recovery`, `oidc`, `token`, `ticket`. */
  amr: z.array(z.string()),
  tenant: z.string(),
  /** The browser or program, as it names itself. */
  client: z.string(),
  createdAt: Instant,
  lastSeenAt: Instant,
  endsAt: Instant,
  /** Whether it is the one that asks. */
  current: z.boolean(),
})
export type SessionItem = z.infer<typeof SessionItem>

/** The producers that a credential may speak for. */
export const Producers = z
  .array(z.strictObject({ id: z.string().min(1).max(128), product: z.string().min(1).max(128) }))
  .max(100)

/** A producer's or a service's token, without its secret. */
export const CredentialItem = z.object({
  id: z.string(),
  kind: z.enum(['producer', 'service']),
  label: z.string(),
  scopes: z.array(z.string()),
  producers: Producers.optional(),
  tier: z.string().optional(),
  createdBy: z.string(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  /** Until when the secret before the last rotation still works. */
  overlapUntil: Instant.nullable(),
  revokedAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
})
export type CredentialItem = z.infer<typeof CredentialItem>

/** A key that signs or verifies tokens. */
export const SigningKeyItem = z.object({
  kid: z.string(),
  state: z.enum(['next', 'current', 'previous', 'retired']),
  publishedAt: Instant,
  signsFrom: Instant.nullable(),
  verifiesUntil: Instant.nullable(),
})
export type SigningKeyItem = z.infer<typeof SigningKeyItem>

/** A message in the local outbox. */
export const MailItem = z.object({
  id: z.string(),
  at: Instant,
  to: z.string(),
  subject: z.string(),
  text: z.string(),
})
export type MailItem = z.infer<typeof MailItem>

/** An access token and what renews it. Times are ISO instants. */
export const TokenPair = z.object({
  accessToken: z.string(),
  expiresAt: Instant,
  refreshToken: z.string().optional(),
  refreshExpiresAt: Instant.optional(),
})
export type TokenPair = z.infer<typeof TokenPair>

/** Who is signed in, where, and what they may do. */
export const SessionView = z.object({
  actor: z.object({
    principal: z.string(),
    class: z.string(),
    name: z.string(),
    email: z.string().nullable(),
  }),
  tenant: z.string(),
  /** Tenants that the same person may sign in to. */
  tenants: z.array(z.string()),
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
  environment: z.object({ name: z.string(), kind: z.enum(['production', 'staging', 'other']) }),
  /** Whether a second factor is enrolled. */
  enrolled: z.boolean(),
  expiresAt: Instant.nullable(),
})
export type SessionView = z.infer<typeof SessionView>
