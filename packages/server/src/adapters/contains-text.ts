/** Whether some string value inside a JSON text contains `needle` (given in lower case). */
export function containsText(payload: string, needle: string): boolean {
  const walk = (value: unknown): boolean => {
    if (typeof value === 'string') return value.toLowerCase().includes(needle)
    if (typeof value !== 'object' || value === null) return false
    return Object.values(value).some(walk)
  }
  return walk(JSON.parse(payload))
}
