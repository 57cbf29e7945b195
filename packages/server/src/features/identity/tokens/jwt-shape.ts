import { z } from 'zod'

const maxLength = 8_192
/** Members that would let a token bring its own key, or change what its other members mean. */
const forbidden = ['crit', 'jku', 'jwk', 'x5u', 'x5c']
const Members = z.record(z.string(), z.unknown())

/** What a JWT says before anything of it is verified. */
export interface JwtShape {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
}

/** Whether a text can be meant as a JWT at all: three parts. */
export function looksLikeJwt(text: string): boolean {
  return text.split('.', 4).length === 3
}

/**
 * Reads a JWT strictly (RFC 7515, RFC 8725): at most 8 KiB, three parts of canonical base64url, UTF-8 JSON objects
 * without a member twice, nothing in the header that names keys. Null when it is anything else.
 */
export function readJwtShape(token: string): JwtShape | null {
  if (token.length > maxLength) return null
  const parts = token.split('.').map(bytesOf)
  const [first = null, second = null] = parts
  if (parts.length !== 3 || parts.includes(null) || first === null || second === null) return null
  const header = membersOf(first)
  const payload = membersOf(second)
  if (header === null || payload === null) return null
  return forbidden.some((name) => Object.hasOwn(header, name)) ? null : { header, payload }
}

/** The bytes of canonical base64url: no padding, no white space, no bits left over. */
function bytesOf(part: string): Buffer | null {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return null
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : null
}

function membersOf(bytes: Buffer): Record<string, unknown> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const members = Members.parse(JSON.parse(text))
    return repeatsMember(text) ? null : members
  } catch {
    return null
  }
}

/** Whether an object in a valid JSON text has a member twice, also when it is written in another way (`\u0061`). */
function repeatsMember(text: string): boolean {
  const open: (Set<string> | null)[] = []
  let lastText: string | null = null
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(null)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const members = open.at(-1)
      const name: unknown = JSON.parse(lastText ?? '""')
      if (members?.has(String(name))) return true
      members?.add(String(name))
    } else lastText = token
  }
  return false
}
