import { oidcIssuers } from '../adapters/oidc/issuers.ts'
import type { Config } from '../config/resolve.ts'
import type { Issuers } from '../ports/issuers.ts'

/** The external issuers of a configuration; without any, one that knows nobody. */
export function openIssuers(
  config: Pick<Config, 'oauth' | 'mode'>,
  needs: { readonly now: () => number },
): Issuers {
  return oidcIssuers({ issuers: config.oauth, fetch, now: needs.now, allowInsecure: config.mode === 'local' })
}
