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

/** The canonical JSON text of a value (RFC 8785): members by UTF-16 order, numbers as ECMAScript writes them. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) {
    let text = '['
    for (let index = 0; index < value.length; index += 1)
      text += (index > 0 ? ',' : '') + canonical(value[index])
    return `${text}]`
  }
  let text = '{'
  const members = value as Record<string, unknown>
  const names = Object.keys(members)
  if (!isSorted(names)) names.sort()
  for (const name of names) {
    const member = members[name]
    if (member === undefined) continue
    text += text.length > 1 ? `,${writeName(name)}` : writeName(name)
    text += canonical(member)
  }
  return `${text}}`
}

function isSorted(names: readonly string[]): boolean {
  for (let index = 1; index < names.length; index += 1)
    if ((names[index - 1] as string) > (names[index] as string)) return false
  return true
}
