import type { Asking } from './asking.ts'
import type { Overlay } from './overlay.ts'
import { resolveApiKeys, resolveTokens, type SettingToken } from './tokens.ts'

export interface ProductRoot {
  readonly id: string
  readonly path: string
  readonly tenant: string
}

/** Whom the server serves, and who they bring along. */
export interface TenantsConfig {
  readonly tenant: string
  readonly tenantAllowlist: readonly string[]
  readonly tokens: readonly SettingToken[]
  readonly apiKeys: readonly string[]
  readonly productRoots: readonly ProductRoot[]
  readonly descriptorPaths: readonly string[]
}

const tenantName = /^[a-z0-9][a-z0-9-]{0,62}$/

/** The tenants of a configuration, and what belongs to each. */
export function resolveTenants(
  ask: Asking,
  needs: { readonly overlay: Overlay | null; readonly isFolder: (path: string) => boolean },
): TenantsConfig {
  const tenant = ask.text('CONSOLE_TENANT_ID') ?? 'default'
  const tenantAllowlist = ask.list('CONSOLE_TENANT_ALLOWLIST')
  const served = (name: string) =>
    tenantName.test(name) && (tenantAllowlist.length === 0 || tenantAllowlist.includes(name))
  if (!served(tenant))
    ask.refuse('tenant_not_allowed', 'CONSOLE_TENANT_ID', 'CONSOLE_TENANT_ID is not a tenant that is served')
  const tokens = resolveTokens(ask, tenant)
  for (const token of tokens)
    if (!served(token.tenant))
      ask.refuse(
        'tenant_not_allowed',
        'CONSOLE_AUTH_TOKENS_JSON',
        `the token ${token.label} is for a tenant that is not served`,
      )
  const productRoots = rootsOf(ask, tenant, needs)
  for (const root of productRoots)
    if (!served(root.tenant))
      ask.refuse(
        'tenant_not_allowed',
        'CONSOLE_TELEMETRY_PRODUCT_ROOTS',
        `the root ${root.id} is for a tenant that is not served`,
      )
  return {
    tenant,
    tenantAllowlist,
    tokens,
    apiKeys: resolveApiKeys(ask, tokens),
    productRoots,
    descriptorPaths: descriptorsOf(ask, productRoots),
  }
}

function rootsOf(
  ask: Asking,
  tenant: string,
  needs: { readonly overlay: Overlay | null; readonly isFolder: (path: string) => boolean },
): ProductRoot[] {
  const roots: ProductRoot[] = []
  for (const item of ask.list('CONSOLE_TELEMETRY_PRODUCT_ROOTS')) {
    const [, id, path] = /^([A-Za-z0-9][\w.-]*):(.+)$/.exec(item) ?? []
    if (id === undefined || path === undefined || !needs.isFolder(path)) {
      ask.refuse(
        'product_root_invalid',
        'CONSOLE_TELEMETRY_PRODUCT_ROOTS',
        `${id ?? 'a root'} is not id:path of a folder`,
      )
      continue
    }
    const own = needs.overlay?.productRoots?.find((root) => root.id === id)?.tenant
    roots.push({ id, path, tenant: own ?? tenant })
  }
  return roots
}

function descriptorsOf(ask: Asking, roots: readonly ProductRoot[]): readonly string[] {
  const paths = ask.list('CONSOLE_TELEMETRY_DESCRIPTOR_PATHS')
  for (const path of paths) {
    const [scheme, id] = path.split(':')
    const named = scheme === 'product' && path.split(':').length > 2 ? id : undefined
    const known =
      named === undefined ? scheme !== 'product' || roots.length > 0 : roots.some((root) => root.id === named)
    if (!known)
      ask.refuse(
        'product_root_unknown',
        'CONSOLE_TELEMETRY_DESCRIPTOR_PATHS',
        `a descriptor names the root ${named ?? '(first)'}, which is not set`,
      )
  }
  return paths
}
