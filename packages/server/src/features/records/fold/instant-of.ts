/** A time as Unix ms; the time of receipt for one that no calendar has. */
export function instantOf(time: string, receivedAt: number): number {
  const instant = Date.parse(time)
  return Number.isNaN(instant) ? receivedAt : instant
}
