import { type Fault, fault } from '@quarterdeck/sdk/errors'
import type { Credential } from '../core/authenticate.ts'
import type { Arrival } from './arrival.ts'
import { readCookie } from './cookies.ts'
import { type EdgeSettings, isSecure } from './edge-settings.ts'

/** What a request carries to say who sent it: the first found; a fault when that is no credential at all; or nothing. */
export type Carried = Credential | Fault | null

/** Makes what looks for the credential: `Authorization`, key header, ticket, query key, cookie. Its value goes into no log. */
export function createFindCredential(
  settings: Pick<EdgeSettings, 'publicOrigin' | 'apiKeyHeader' | 'apiKeyQuery'>,
): (arrival: Arrival, takesTickets: boolean) => Carried {
  const secure = isSecure(settings)
  const keyHeader = settings.apiKeyHeader.toLowerCase()
  const { apiKeyQuery } = settings

  return ({ incoming, query }, takesTickets) => {
    const { headers } = incoming
    const origin = headers.origin ?? null
    const { authorization } = headers
    const key = headers[keyHeader]
    if (authorization !== undefined && key === undefined && !authorization.includes(',')) {
      const value = bearerOf(authorization)
      return value !== null && isPlain(value) ? { kind: 'bearer', value, origin } : fault('unauthenticated')
    }
    if (authorization !== undefined || key !== undefined) return ofHeaders(authorization, key, origin)
    if (query !== '' && (takesTickets || apiKeyQuery !== null)) {
      const fields = new URLSearchParams(query)
      const ticket = takesTickets ? fields.get('ticket') : null
      if (ticket !== null) {
        const topics = (fields.get('topics') ?? '').split(',').filter((topic) => topic !== '')
        return isPlain(ticket) ? { kind: 'ticket', value: ticket, origin, topics } : fault('unauthenticated')
      }
      const inQuery = apiKeyQuery === null ? null : fields.get(apiKeyQuery)
      if (inQuery !== null)
        return isPlain(inQuery) ? { kind: 'query', value: inQuery, origin } : fault('unauthenticated')
    }
    const session = readCookie('session', secure, headers.cookie)
    return session === null ? null : { kind: 'cookie', value: session, origin }
  }
}

/** The credential of both headers, or of one that came several times. */
function ofHeaders(
  authorization: string | undefined,
  key: string | string[] | undefined,
  origin: string | null,
): Credential | Fault {
  const bearers = valuesOf(authorization).map(bearerOf)
  const all = [...bearers, ...valuesOf(key)]
  const [value] = all
  if (value === null || value === undefined || !isPlain(value)) return fault('unauthenticated')
  if (all.some((other) => other !== value)) return fault('credential_ambiguous')
  return { kind: bearers.length > 0 ? 'bearer' : 'key', value, origin }
}

/** The values of a header; one that came several times was joined by commas. */
function valuesOf(header: string | string[] | undefined): string[] {
  return header === undefined
    ? []
    : String(header)
        .split(',')
        .map((text) => text.trim())
}

function bearerOf(text: string): string | null {
  return /^Bearer +([^\s,]+) *$/i.exec(text)?.[1] ?? null
}

/** Up to 8 KiB of printable ASCII without blanks. */
function isPlain(value: string): boolean {
  return /^[\x21-\x7e]{1,8192}$/.test(value)
}
