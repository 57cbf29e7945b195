import { hash } from 'node:crypto'
import type { Role } from '@quarterdeck/sdk/contract/identity-views'
import { TenantName } from '@quarterdeck/sdk/contract/identity-views'
import { fault } from '@quarterdeck/sdk/errors'
import { z } from 'zod'
import type { IssuedToken } from '../../../ports/issuers.ts'
import { leewaySeconds } from './access-tokens.ts'
import { ownGroups, userPermissions } from './claim-actors.ts'
import type { Finding } from './finding.ts'

/** How the tokens of an issuer are read. */
export interface IssuerRule {
  readonly issuer: string
  /** The claim that names the tenant. */
  readonly tenantClaim: string
  readonly groupsClaim?: string
  /** The role whose permissions a member of a group holds besides. Never a proof: the class stays user. */
  readonly roles?: Readonly<Record<string, Role>>
}

const Groups = z.union([z.array(z.string()), z.string().transform((one) => [one])])

/**
 * The function user that a verified token of an external issuer stands for: `<issuer>|<sub>`. Throws
 * `unauthenticated`, `credential_expired`, `tenant_forbidden`.
 */
export type ExternalUser = (issued: IssuedToken) => Finding

/** Makes the lookup by the rules of the settings. */
export function createExternalUsers(needs: {
  readonly rules: readonly IssuerRule[]
  readonly rolePermissions: (role: Role) => readonly string[]
  readonly now: () => number
}): ExternalUser {
  const { rolePermissions, now } = needs
  const rules = new Map(needs.rules.map((rule) => [rule.issuer, rule]))
  return (issued) => {
    const { issuer, sub, claims, expiresAt } = issued
    const rule = rules.get(issuer)
    if (rule === undefined) throw fault('unauthenticated')
    const until = expiresAt + leewaySeconds * 1_000
    if (until <= now()) throw fault('credential_expired')
    const tenant = TenantName.safeParse(claims[rule.tenantClaim])
    if (!tenant.success) throw fault('tenant_forbidden')
    const said = Groups.safeParse(rule.groupsClaim === undefined ? undefined : claims[rule.groupsClaim])
    const groups = said.success ? ownGroups(said.data) : []
    const roles = groups.flatMap((group) =>
      rule.roles !== undefined && Object.hasOwn(rule.roles, group) ? (rule.roles[group] ?? []) : [],
    )
    const permissions = [...new Set([...userPermissions, ...roles.flatMap(rolePermissions)])]
    const principal = `${issuer}|${sub}`
    const credential = `iss-${hash('sha256', principal, 'hex').slice(0, 12)}`
    return {
      actor: { tenant: tenant.data, principal, class: 'user', permissions, credential, groups },
      expiresAt: until,
      dependsOn: [],
      holder: { by: 'issued', issued },
    }
  }
}
