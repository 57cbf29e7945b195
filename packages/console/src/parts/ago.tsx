import { use } from 'react'
import { AsOf } from './as-of.ts'
import { duration } from './format/duration.ts'
import { instant } from './format/instant.ts'
import { useNow } from './use-now.ts'

/** How long ago something was, or how long before the moment shown; its full time on pointing at it. `plain`: the length alone. */
export function Ago(props: { readonly time: string; readonly plain?: boolean }) {
  const now = useNow()
  const asOf = use(AsOf)
  return (
    <time className="nowrap" dateTime={props.time} title={instant(props.time)}>
      {told(props.time, asOf ?? now, asOf === null ? 'ago' : 'before', props.plain ?? false)}
    </time>
  )
}

function told(time: string, now: number, word: string, plain: boolean): string {
  const passed = now - Date.parse(time)
  if (Number.isNaN(passed)) return time
  const whole = Math.max(0, Math.floor(passed / 1_000) * 1_000)
  if (plain) return duration(whole)
  return passed < 5_000 ? 'now' : `${duration(whole)} ${word}`
}
