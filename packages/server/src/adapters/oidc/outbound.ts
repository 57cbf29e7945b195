import { IssuerLost } from '../../ports/issuers.ts'

const timeoutMs = 5_000
const maxBytes = 1_048_576

/** `fetch` as far as issuers need it. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/**
 * Speaks to issuers: https alone (http to this machine where that is allowed), no redirect followed, 5 s and 1 MiB at
 * most. Throws `IssuerLost`.
 */
export function createOutbound(needs: {
  readonly fetch: Fetch
  /** Local mode: an issuer on this machine may be spoken to without TLS. */
  readonly allowInsecure: boolean
}): Fetch {
  return async (url, init = {}) => {
    if (!isSafe(url, needs.allowInsecure)) throw new IssuerLost('an issuer is spoken to by https alone')
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout
    try {
      const answer = await needs.fetch(url, { ...init, redirect: 'manual', signal })
      if (answer.status >= 300 && answer.status < 400)
        throw new IssuerLost('an issuer answered by a redirect')
      const bytes = await read(answer)
      return new Response(bytes.length === 0 ? null : bytes, {
        status: answer.status,
        headers: answer.headers,
      })
    } catch (error) {
      throw error instanceof IssuerLost ? error : new IssuerLost('an issuer is away', { cause: error })
    }
  }
}

/** Whether an issuer may be spoken to at this address. */
export function isSafe(url: string, allowInsecure: boolean): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:') return true
  return allowInsecure && protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}

async function read(answer: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.length
    if (size > maxBytes) throw new IssuerLost('an issuer answered too much')
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}
