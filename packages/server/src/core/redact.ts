/** What replaces a secret wherever one would have shown. */
export const redacted = '[redacted]'

/** The one redactor: logs, records, telemetry, decisions, problems, spans and the command line all pass it. */
export interface Redactor {
  /** The text without live secrets and without what looks like one. */
  text(text: string): string
  /** Whether a JSON text could hold anything to replace; false is certain, and spares the walk. */
  suspects(json: string): boolean
  /** A copy of a JSON value with strings replaced by pattern, and all of them under keys that name secrets. Numbers stay. */
  value<Value>(value: Value): Value
}

/** Shapes that are secrets wherever they stand. What begins at many places is bounded, lest a long text takes forever. */
const patterns: readonly [RegExp, string][] = [
  [/qd_[a-z]+_[a-z2-7]{12}_[A-Za-z0-9_-]{43}/g, redacted],
  [/\beyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g, redacted],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted],
  [/([a-z][a-z0-9+.-]{0,31}:\/\/[^\s/:@]*:)[^\s@/]+@/gi, `$1${redacted}@`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{16,}/gi, `$1 ${redacted}`],
  [
    /\b(?:ghp|gho|ghs|github_pat|glpat|xox[abprs]|sk-ant|sk-proj|sk_live|rk_live)[-_][A-Za-z0-9_-]{16,}/g,
    redacted,
  ],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, redacted],
]

/**
 * Text that any of the patterns needs; most strings have none of it, and are spared the expressions. Every record is
 * looked through for it, so it minds case where its patterns do, and few of its letters begin anything.
 */
const hint =
  /qd_|eyJ|---B|:\/\/|[Bb](?:[Ee][Aa][Rr][Ee][Rr]|[Aa][Ss][Ii][Cc])|g(?:h[pos]_|ithub_pat|lpat)|xox|sk-|_live|A(?:KI|SI)A/

/** What a key has in it that names a secret, loosely: `namesSecret` decides. */
const keyHint =
  /passw|passphrase|secret|token|authoriz|cookie|credential|(?:api|private|access|signing)[^a-z0-9]?key/i

const words = new Set([
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'authorization',
  'cookie',
  'credential',
  'credentials',
  'apikey',
])
const pairs = new Set(['api key', 'private key', 'access key', 'signing key', 'set cookie'])

/** Whether a key names a secret by one of its words: `dbPassword`, `x-api-key`, `client_secret`. */
export function namesSecret(key: string, more: ReadonlySet<string> = new Set()): boolean {
  if (more.has(key.toLowerCase())) return true
  const parts = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  return parts.some((part, index) => words.has(part) || pairs.has(`${part} ${parts[index + 1]}`))
}

/** Makes the redactor. `secrets` gives the live secret values; `keys` are further key names, in any case. */
export function createRedactor(needs: {
  readonly secrets: () => readonly string[]
  readonly keys: readonly string[]
}): Redactor {
  const more = new Set(needs.keys.map((key) => key.toLowerCase()))
  const moreHint = needs.keys.map((key) => key.toLowerCase())
  // Keys repeat from record to record, so what is known of them is kept; strangers' keys cannot fill the memory.
  const known = new Map<string, boolean>()
  const secretKey = (key: string) => {
    let found = known.get(key)
    if (found === undefined) {
      found = namesSecret(key, more)
      if (known.size < 10_000) known.set(key, found)
    }
    return found
  }

  function text(given: string): string {
    let clean = given
    for (const secret of needs.secrets()) if (secret.length >= 8) clean = clean.replaceAll(secret, redacted)
    if (hint.test(clean))
      for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement)
    return clean
  }

  function walk(value: unknown): unknown {
    if (typeof value === 'string') return text(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(walk)
    const copy: Record<string, unknown> = {}
    for (const [key, member] of Object.entries(value)) {
      copy[text(key)] = secretKey(key) ? hide(member) : walk(member)
    }
    return copy
  }

  /** Under a key that names a secret every text is one, however deep it lies. */
  function hide(value: unknown): unknown {
    if (typeof value === 'string') return value === '' ? value : redacted
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(hide)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [text(key), hide(member)]))
  }

  // Secrets as they stand within JSON, written once for each.
  const escaped = new Map<string, string>()
  function escapedOf(secret: string): string {
    let text = escaped.get(secret)
    if (text === undefined) {
      text = JSON.stringify(secret).slice(1, -1)
      if (escaped.size >= 1_000) escaped.clear()
      escaped.set(secret, text)
    }
    return text
  }

  function suspects(json: string): boolean {
    if (hint.test(json) || keyHint.test(json)) return true
    for (const secret of needs.secrets()) if (json.includes(escapedOf(secret))) return true
    if (moreHint.length === 0) return false
    const lower = json.toLowerCase()
    return moreHint.some((key) => lower.includes(key))
  }

  return { text, suspects, value: <Value>(value: Value) => walk(value) as Value }
}
