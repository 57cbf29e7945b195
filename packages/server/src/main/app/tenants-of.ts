import type { Config } from '../../config/resolve.ts'

/** The tenants that settings and overlay name, the home tenant first. */
export function tenantsOf(
  config: Pick<Config, 'tenant' | 'tenantAllowlist' | 'tokens' | 'productRoots' | 'overlay'>,
): string[] {
  return [
    ...new Set([
      config.tenant,
      ...config.tenantAllowlist,
      ...(config.overlay?.content.tenants ?? []).map(({ id }) => id),
      ...config.tokens.map(({ tenant }) => tenant),
      ...config.productRoots.map(({ tenant }) => tenant),
    ]),
  ]
}
