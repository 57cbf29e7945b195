const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const short = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})

/** A time in full, in the reader's zone. What is no time is shown as it came. */
export function instant(time: string): string {
  return formatted(full, time)
}

/** The time of day alone for today, else with its date. */
export function brief(time: string, now: number): string {
  const sameDay = new Date(time).toDateString() === new Date(now).toDateString()
  return formatted(sameDay ? clock : short, time)
}

function formatted(format: Intl.DateTimeFormat, time: string): string {
  const at = new Date(time)
  return Number.isNaN(at.valueOf()) ? time : format.format(at)
}
