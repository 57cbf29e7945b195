const atOnce = 64

/** Makes ids of version 7 (RFC 9562): 48 bits of Unix ms, then 74 random ones, so that later ones sort behind. */
export function createNewId(needs: {
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
}): () => string {
  let pool: Uint8Array = new Uint8Array(0)
  let used = 0

  return () => {
    if (used + 10 > pool.length) {
      pool = needs.randomBytes(10 * atOnce)
      used = 0
    }
    const bytes = Buffer.allocUnsafe(16)
    bytes.writeUIntBE(needs.now(), 0, 6)
    bytes.set(pool.subarray(used, used + 10), 6)
    used += 10
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const hex = bytes.toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}
