/** A name from a record as words: `needs_input` → `needs input`, `reviewItems` → `review items`. */
export function words(name: string): string {
  return name
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
}
