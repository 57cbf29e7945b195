/** The nonce that the server put into the page for styles made at run time; undefined while developing. */
export function nonce(): string | undefined {
  const content = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content
  return content === undefined || content.startsWith('__') ? undefined : content
}
