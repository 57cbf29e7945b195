import { brief, instant } from './format/instant.ts'
import { useNow } from './use-now.ts'

/** When something was or will be: short where it is near, with its year where that is another. */
export function Moment(props: { readonly time: string }) {
  const { time } = props
  const now = useNow()
  const near = new Date(time).getFullYear() === new Date(now).getFullYear()
  return (
    <time className="nowrap" dateTime={time} title={instant(time)}>
      {near ? brief(time, now) : instant(time)}
    </time>
  )
}
