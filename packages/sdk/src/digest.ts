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
  for (const key of Object.keys(members).sort()) {
    const member = members[key]
    if (member === undefined) continue
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${canonical(member)}`
  }
  return `${text}}`
}
