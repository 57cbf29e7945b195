const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1_024,
  mib: 1_048_576,
  gib: 1_073_741_824,
}

/** Bytes of `1048576`, `1 MiB` or `1.5MB`, in any case; null: it is none, or no whole number of bytes. */
export function parseSize(text: string): number | null {
  const [, number = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]{0,3})$/i.exec(text.trim()) ?? []
  const scale = units[unit.toLowerCase()]
  if (number === '' || scale === undefined) return null
  const bytes = Number(number) * scale
  return Number.isSafeInteger(bytes) ? bytes : null
}
