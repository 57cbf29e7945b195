const name = 'quarterdeck-sign-in-tenant'
/** As long as a mail's link lives, in ms. */
const lifetime = 10 * 60_000

/** Remembers the tenant that a link was asked for: the mail opens a page of its own, which knows nothing of this one. */
export function rememberTenant(tenant: string | undefined): void {
  try {
    if (tenant === undefined) localStorage.removeItem(name)
    else localStorage.setItem(name, JSON.stringify([tenant, Date.now() + lifetime]))
  } catch {
    // Storage may be forbidden; then the server's own choice counts.
  }
}

/** The tenant that was asked for in the last ten minutes, if one was. */
export function rememberedTenant(): string | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name) ?? 'null')
    if (!Array.isArray(kept)) return undefined
    const [tenant, until] = kept
    return typeof tenant === 'string' && Number(until) > Date.now() ? tenant : undefined
  } catch {
    return undefined
  }
}
