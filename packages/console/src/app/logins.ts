/** The external issuers that one can sign in with, as the server wrote them into the page; none while developing. */
export function logins(): readonly string[] {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="console-logins"]')
  try {
    const given: unknown = JSON.parse(meta?.content ?? '[]')
    return Array.isArray(given) ? given.filter((issuer) => typeof issuer === 'string') : []
  } catch {
    return []
  }
}
