/** Search parameters as they stand in the URL: words, repeated ones as arrays. */
export type Search = Record<string, string | readonly string[] | undefined>

/** Reads `?a=1&b=x&b=y` without guessing types, so that URLs stay readable and can be typed by hand. */
export function parseSearch(text: string): Search {
  const search: Record<string, string | string[]> = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const former = search[name]
    if (former === undefined) search[name] = value
    else search[name] = [...(Array.isArray(former) ? former : [former]), value]
  }
  return search
}

/** The inverse of `parseSearch`; empty values are left out. */
export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== null && item !== '') query.append(name, String(item))
    }
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

/** One word, or nothing. */
export function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Any number of words. */
export function words(value: unknown): readonly string[] | undefined {
  const all = (Array.isArray(value) ? value : [value]).filter(
    (item) => typeof item === 'string' && item !== '',
  )
  return all.length === 0 ? undefined : all
}

/** One of the words allowed, or nothing. */
export function oneOf<const T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((each) => each === value)
}
