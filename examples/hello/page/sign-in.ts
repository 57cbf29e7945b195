import type { Session } from './desk-client.ts'

const key = 'desk.person'

/** Signs in as one of the demo's people. The page's own server mints the token: no secret is in the page. */
export async function signIn(person: string): Promise<Session> {
  const response = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ person }),
  })
  if (!response.ok) throw new Error('The desk could not sign you in. Is Quarterdeck running?')
  sessionStorage.setItem(key, person)
  // Our own server, and of the shape that it writes.
  return (await response.json()) as Session
}

/** Who this tab was signed in as: each tab may be somebody else. */
export function rememberedPerson(): string | null {
  return sessionStorage.getItem(key)
}

export function forgetPerson(): void {
  sessionStorage.removeItem(key)
}
