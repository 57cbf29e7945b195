/** What stands behind the `#` of the sign-in page: a mail's link, or the one-time ticket of a local server. */
export type Fragment =
  | { readonly kind: 'link'; readonly token: string }
  | { readonly kind: 'ticket'; readonly ticket: string }

/** Reads a fragment, with or without its `#`; null where there is nothing to sign in with. */
export function readFragment(hash: string): Fragment | null {
  const text = hash.replace(/^#/, '')
  const ticket = new URLSearchParams(text).get('ticket')
  if (ticket !== null && ticket !== '') return { kind: 'ticket', ticket }
  return /^[\w-]{16,256}$/.test(text) ? { kind: 'link', token: text } : null
}

/** The fragment of the address, which forgets it before anything is sent. */
export function takeFragment(): Fragment | null {
  const { hash, pathname, search } = window.location
  if (hash === '') return null
  window.history.replaceState(null, '', pathname + search)
  return readFragment(hash)
}
