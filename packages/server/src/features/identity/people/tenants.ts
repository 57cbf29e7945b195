import { fault } from '@quarterdeck/sdk/errors'
import type { OperatorDoc } from '../store.ts'

/** The tenants of the deployment. */
export interface Tenants {
  readonly home: string
  /** Whether a tenant is served here. */
  readonly allowed: (tenant: string) => boolean
}

/**
 * The tenant that an operator signs in to: the one wanted, else home, else the first. Throws `tenant_mismatch` and
 * `tenant_forbidden`.
 */
export function tenantFor(
  operator: Pick<OperatorDoc, 'memberships'>,
  wanted: string | undefined,
  { home, allowed }: Tenants,
): string {
  const names = operator.memberships.map(({ tenant }) => tenant)
  if (wanted !== undefined) {
    if (!names.includes(wanted)) throw fault('tenant_mismatch')
    if (!allowed(wanted)) throw fault('tenant_forbidden')
    return wanted
  }
  const served = names.filter(allowed)
  const found = served.includes(home) ? home : served[0]
  if (found === undefined) throw fault('tenant_forbidden')
  return found
}
