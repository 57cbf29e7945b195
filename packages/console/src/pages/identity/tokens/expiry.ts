/** How long a new token can be made to last; the values are days. */
export const expiries = [
  { value: '7', label: 'in 7 days' },
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
  { value: 'never', label: 'never' },
] as const

/** What the server is told; undefined: its own choice, which is 90 days. `now` is Unix ms. */
export function expiryOf(chosen: string, now: number): string | undefined {
  if (chosen === 'never') return 'never'
  if (chosen === '90') return undefined
  return new Date(now + Number(chosen) * 86_400_000).toISOString()
}
