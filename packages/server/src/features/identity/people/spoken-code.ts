/** Crockford's base32: no letter that is taken for a digit or another letter. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Random characters that a person can read out and type, 5 bits each. */
export function makeCode(randomBytes: (size: number) => Uint8Array, characters: number): string {
  return [...randomBytes(characters)].map((byte) => alphabet[byte & 31]).join('')
}

/** The same code in groups, parted by dashes. */
export function grouped(code: string, size: number): string {
  return code.match(new RegExp(`.{1,${size}}`, 'g'))?.join('-') ?? ''
}

/** A code as it was made, from what somebody typed: any case, dashes and spaces, O for 0, I or L for 1. */
export function readCode(typed: string): string {
  return typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
}
