/**
 * What an address is limited by: IPv4 as it is, IPv6 by its /64, as one client holds all of that; IPv4 written as IPv6
 * (`::ffff:192.0.2.1`) as IPv4. What is no address stays as it is.
 */
export function addressKey(address: string): string {
  const text = address.split('%', 1)[0] ?? ''
  if (!text.includes(':')) return address
  const groups = groupsOf(text)
  if (groups === null) return address
  const [, , , , , sixth = 0, seventh = 0, eighth = 0] = groups
  if (groups.slice(0, 5).every((group) => group === 0) && sixth === 0xffff)
    return [seventh >> 8, seventh & 255, eighth >> 8, eighth & 255].join('.')
  const network = groups.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2); null when it is none. */
function groupsOf(text: string): readonly number[] | null {
  const halves = withoutDots(text).split('::')
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) return null
  const words = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  if (!words.every((word) => /^[\da-f]{1,4}$/i.test(word))) return null
  return words.map((word) => Number.parseInt(word, 16))
}

/** The last 32 bits as two groups, where they are written as IPv4. */
function withoutDots(text: string): string {
  return text.replace(/(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
}
