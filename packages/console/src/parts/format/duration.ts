/** A length of time in ms in its largest two units: `2 h 5 min`, `3 d`, `850 ms`. */
export function duration(ms: number): string {
  if (ms === 0) return '0 s'
  if (ms < 1_000) return `${Math.round(ms)} ms`
  const seconds = ms / 1_000
  if (seconds < 10) return `${seconds.toFixed(1).replace('.0', '')} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return both(minutes, 'min', minutes < 10 ? Math.floor(seconds % 60) : 0, 's')
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return both(hours, 'h', minutes % 60, 'min')
  const days = Math.floor(hours / 24)
  return both(days, 'd', days < 7 ? hours % 24 : 0, 'h')
}

function both(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}
