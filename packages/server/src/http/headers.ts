/** The headers of a request as one asks for them, whatever server it came through. */
export interface HeaderReader {
  get(name: string): string | undefined
}

/** What every answer carries, page or API. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
}

/** The request's id: the caller's if it is a plain one, else made. */
export function requestIdOf(headers: HeaderReader, randomId: () => string): string {
  const given = headers.get('x-request-id')
  return given !== undefined && /^[\w.-]{1,64}$/.test(given) ? given : randomId()
}
