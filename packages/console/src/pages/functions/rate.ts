import { number } from '../../parts/format/number.ts'

/** Calls a second in the unit in which they are a number to think with: `12.5/s`, `3/min`, `2/h`. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0'
  const [times, unit] = perSecond >= 1 ? [1, 's'] : perSecond >= 1 / 60 ? [60, 'min'] : [3_600, 'h']
  const value = perSecond * times
  return `${number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value))}/${unit}`
}
