/** A whole number as an engine answers it (as text, where it has 64 bits). Throws when it is none up to 2^53 - 1. */
export function readNumber(value: unknown): number {
  const number = typeof value === 'bigint' || typeof value === 'string' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number))
    throw new Error('the engine answered no number')
  return number
}
