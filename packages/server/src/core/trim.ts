const longest = 8_192

/** What is kept of content that is not: how long it was, and a MAC that tells whether two were equal. */
export function replaced(text: string, mac: (text: string) => string): { bytes: number; mac: string } {
  return { bytes: Buffer.byteLength(text), mac: mac(text) }
}

/**
 * A copy of a JSON value with strings over 8 KiB cut, their MAC behind the cut. `isContent` names members whose value
 * is not kept at all; `path` is the keys that lead to it.
 */
export function trim(
  value: unknown,
  mac: (text: string) => string,
  isContent: (path: readonly string[]) => boolean = () => false,
  path: readonly string[] = [],
): unknown {
  if (typeof value === 'string')
    return value.length > longest ? `${cut(value)}… [cut, mac ${mac(value)}]` : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => trim(item, mac, isContent, path))
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const here = [...path, key]
      if (!isContent(here) || member === null || member === undefined)
        return [key, trim(member, mac, isContent, here)]
      return [key, replaced(typeof member === 'string' ? member : JSON.stringify(member), mac)]
    }),
  )
}

/** The beginning of a text, without half of a surrogate pair at its end. */
function cut(text: string): string {
  const end =
    text.charCodeAt(longest - 1) >= 0xd800 && text.charCodeAt(longest - 1) <= 0xdbff ? longest - 1 : longest
  return text.slice(0, end)
}
