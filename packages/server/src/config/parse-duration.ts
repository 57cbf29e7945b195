const units: Readonly<Record<string, number>> = {
  ms: 1,
  '': 1_000,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds of `30 s`, `500ms`, `5m`, `24h`, `7d`; a plain number is seconds. Null: it is none. */
export function parseDuration(text: string): number | null {
  const [, number = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]{0,3})$/i.exec(text.trim()) ?? []
  const scale = units[unit.toLowerCase()]
  if (number === '' || scale === undefined) return null
  const ms = Math.round(Number(number) * scale)
  return Number.isSafeInteger(ms) ? ms : null
}
