import { z } from 'zod'

const id = z.string().min(1).max(512)
const common = {
  sub: id,
  tenant: z.string().min(1),
  env: z.string(),
  epoch: z.number().int().nonnegative(),
  iat: z.number(),
  exp: z.number(),
  jti: id,
}
/** Permissions parted by spaces. */
const scope = z.string()

/** What our access tokens say beside issuer and audience, by class. Times are Unix seconds. */
export const AccessClaims = z.discriminatedUnion('class', [
  z.object({ ...common, class: z.literal('operator'), sid: id }),
  z.object({ ...common, class: z.literal('user'), sid: id, groups: z.array(z.string()) }),
  z.object({ ...common, class: z.literal('service'), scope }),
  z.object({ ...common, class: z.literal('gate'), scope, sid: id, deploy: id, release: id }),
])
export type AccessClaims = z.output<typeof AccessClaims>

/** A token to sign; what every token has is added. */
export type AccessDraft = {
  readonly sub: string
  readonly tenant: string
  readonly epoch: number
  readonly jti: string
  readonly ttlSeconds: number
} & (
  | { readonly class: 'operator'; readonly sid: string }
  | { readonly class: 'user'; readonly sid: string; readonly groups: readonly string[] }
  | { readonly class: 'service'; readonly scopes: readonly string[] }
  | {
      readonly class: 'gate'
      readonly sid: string
      readonly scopes: readonly string[]
      readonly deploy: string
      readonly release: string
    }
)
