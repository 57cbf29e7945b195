import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A secret that must never be seen again. `text` is how producers happen to say it, `needle` what is looked for. */
export interface Canary {
  readonly name: string
  readonly text: string
  readonly needle: string
  /** Known by the name of the key it stands under, not by its shape. */
  readonly key?: string
}

let made = 0
/** Unlike anything else in a test run, and the same in each run. */
const odd = (length: number) => {
  made += 1
  const digits = createHash('sha512').update(`canary ${made}`).digest('hex')
  return digits.slice(0, length)
}

/** Secrets by shape, by key, and the server's own. */
export function canaries(own: readonly (readonly [string, string])[]): Canary[] {
  const same = (name: string, text: string): Canary => ({ name, text, needle: text })
  const within = (name: string, needle: string, say: (needle: string) => string): Canary => ({
    name,
    text: say(needle),
    needle,
  })
  const keyed = (key: string): Canary => ({ ...same(`a value under ${key}`, `Kb${odd(24)}`), key })
  return [
    same('a token of ours', `qd_service_abcdefgh2345_${odd(43)}`),
    within('a JWT', `eyJ${odd(40)}`, (head) => `${head}.eyJ${odd(30)}.${odd(43)}`),
    within(
      'a private key',
      Buffer.from(odd(48)).toString('base64'),
      (line) => `-----BEGIN EC PRIVATE KEY-----\n${line}\n-----END EC PRIVATE KEY-----`,
    ),
    within('a password in a URL', `pw${odd(20)}`, (word) => `postgres://app:${word}@db.internal:5432/shop`),
    within('a bearer header', odd(40), (token) => `Bearer ${token}`),
    same('a GitHub token', `ghp_${odd(36)}`),
    same('an AWS key', `AKIA${odd(16).toUpperCase()}`),
    ...['apiKey', 'dbPassword', 'x-api-key', 'client_secret', 'accessKey', 'session_token'].map(keyed),
    ...own.map(([name, value]) => same(name, value)),
  ]
}

/** A random secret of 32 bytes as hex. */
export const freshSecret = () => randomBytes(32).toString('hex')

/** The forms a value could hide in: as it is, in hex, and in base64 wherever it begins in its text. */
export function formsOf(needle: string): string[] {
  const forms = new Set([needle, encodeURIComponent(needle)])
  const bytes = [Buffer.from(needle)]
  if (/^[0-9a-f]{64}$/.test(needle)) bytes.push(Buffer.from(needle, 'hex'))
  for (const one of bytes) {
    forms.add(one.toString('hex')).add(one.toString('hex').toUpperCase())
    for (const shift of [0, 1, 2]) {
      const shifted = Buffer.concat([Buffer.alloc(shift), one])
      // The first and last characters hold bits of the neighbours as well.
      const inner = (text: string) =>
        text.slice(Math.ceil((shift * 8) / 6), Math.floor((shifted.length * 8) / 6))
      forms.add(inner(shifted.toString('base64'))).add(inner(shifted.toString('base64url')))
    }
  }
  return [...forms]
}

/** The names of the canaries that show in a text or in bytes. */
export function seenIn(content: string | Buffer, all: readonly Canary[]): string[] {
  return all
    .filter(({ needle }) => formsOf(needle).some((form) => content.includes(form)))
    .map(({ name }) => name)
}

/** The files of a folder, at any depth. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
}

/** Which canaries lie in which file of a folder. */
export function seenInFiles(folder: string, all: readonly Canary[]): string[] {
  return filesUnder(folder).flatMap((path) =>
    seenIn(readFileSync(path), all).map((name) => `${name} in ${path.slice(folder.length + 1)}`),
  )
}
