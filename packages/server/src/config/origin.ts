/** The origin that a text is, such as `https://shop.example.com`; null: it is none, or has a path. */
export function originOf(text: string): string | null {
  const origin = URL.canParse(text) && !text.includes('*') ? new URL(text).origin : 'null'
  return origin === 'null' || origin !== text.replace(/\/$/, '').toLowerCase() ? null : origin
}

/** Whether a name or address is of this machine alone. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}
