/** Functions that share a name, or have names that are equal but for case: each pair with its files. */
export function checkNames(found: readonly { readonly name: string; readonly file: string }[]): string[] {
  const seen = new Map<string, { name: string; file: string }>()
  return found.flatMap(({ name, file }) => {
    const other = seen.get(name.toLowerCase())
    if (other === undefined) {
      seen.set(name.toLowerCase(), { name, file })
      return []
    }
    return [
      other.name === name
        ? `${name} is in ${other.file} and in ${file}: a name is of one function`
        : `${other.name} in ${other.file} and ${name} in ${file} are equal but for case`,
    ]
  })
}
