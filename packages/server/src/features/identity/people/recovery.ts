import { hashOf } from '../secret-hash.ts'
import { grouped, makeCode, readCode } from './spoken-code.ts'

/** Ten codes of 80 bits, as a person keeps them, and the hashes by which they are known again. */
export function makeRecoveryCodes(randomBytes: (size: number) => Uint8Array): {
  readonly codes: string[]
  readonly hashes: string[]
} {
  const made = Array.from({ length: 10 }, () => makeCode(randomBytes, 16))
  return { codes: made.map((code) => grouped(code, 4)), hashes: made.map(hashOf) }
}

/** The hashes that are left once a code was used; null: it is none of them. */
export function withoutCode(hashes: readonly string[], typed: string): string[] | null {
  const used = hashOf(readCode(typed))
  return hashes.includes(used) ? hashes.filter((hash) => hash !== used) : null
}
