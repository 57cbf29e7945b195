import { useEffect, useState } from 'react'

/** The time, Unix ms, anew every 30 s. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

const steps = [
  [60_000, 1_000, 'second'],
  [3_600_000, 60_000, 'minute'],
  [86_400_000, 3_600_000, 'hour'],
  [Number.POSITIVE_INFINITY, 86_400_000, 'day'],
] as const
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' })

/** How long ago an instant is, in words. */
export function ago(instant: string, now: number): string {
  const ms = Math.max(0, now - Date.parse(instant))
  if (ms < 45_000) return 'just now'
  const [, unit, name] = steps.find(([below]) => ms < below) ?? steps[3]
  return relative.format(-Math.round(ms / unit), name)
}
