const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 })
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })
const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })
const cents = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 4 })

/** What stands where a number is not known. */
export const none = '–'

/** A count in full, with separators. */
export function number(value: number | null): string {
  return value === null ? none : whole.format(value)
}

/** A large count, shortened: `1.2M`. */
export function compact(value: number | null): string {
  return value === null ? none : short.format(value)
}

/** An amount of US dollars; small ones with more digits. */
export function money(value: number | null): string {
  if (value === null) return none
  return value !== 0 && Math.abs(value) < 0.1 ? cents.format(value) : dollars.format(value)
}

/** A rate from 0 to 1 as percent. */
export function percent(value: number | null): string {
  return value === null ? none : `${whole.format(Math.round(value * 1_000) / 10)} %`
}
