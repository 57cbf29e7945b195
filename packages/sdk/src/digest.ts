/** Names of members as JSON writes them: they repeat from value to value, strangers' names cannot fill the memory. */
const written = new Map<string, string>()

function writeName(name: string): string {
  let text = written.get(name)
  if (text === undefined) {
    text = `${JSON.stringify(name)}:`
    if (name.length <= 64 && written.size < 4_096) written.set(name, text)
  }
  return text
}

// A short text is looked through faster than it is handed to the engine.
const shortest = 64

/** A text as JSON writes it. */
function writeText(text: string): string {
  if (text.length > shortest) return JSON.stringify(text)
  for (let index = 0; index < text.length; index += 1) {
    const letter = text.charCodeAt(index)
    // Quotes, backslashes, controls, and whatever is not ASCII.
    if (letter < 0x20 || letter === 0x22 || letter === 0x5c || letter > 0x7e) return JSON.stringify(text)
  }
  return `"${text}"`
}

/** The canonical JSON text of a value (RFC 8785): members by UTF-16 order, numbers as ECMAScript writes them. */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return writeText(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) {
    let text = '['
    for (let index = 0; index < value.length; index += 1)
      text += (index > 0 ? ',' : '') + canonical(value[index])
    return `${text}]`
  }
  let text = '{'
  const members = value as Record<string, unknown>
  for (const name of sorted(Object.keys(members))) {
    const member = members[name]
    if (member === undefined) continue
    text += text.length > 1 ? `,${writeName(name)}` : writeName(name)
    text += canonical(member)
  }
  return `${text}}`
}

/** Names by UTF-16 order. Few of them are sorted in place, one by one, which costs half of what `sort` does. */
function sorted(names: string[]): string[] {
  if (names.length > 32) return names.sort()
  for (let index = 1; index < names.length; index += 1) {
    const name = names[index] as string
    let at = index
    while (at > 0 && (names[at - 1] as string) > name) {
      names[at] = names[at - 1] as string
      at -= 1
    }
    names[at] = name
  }
  return names
}
