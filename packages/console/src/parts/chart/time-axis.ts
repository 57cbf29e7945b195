import type uPlot from 'uplot'

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** Ticks in the reader's zone: hours and minutes, and the date wherever a day begins. */
export const timeAxis: uPlot.Axis.DynamicValues = (_plot, ticks, _axis, _space, increment) => {
  let former = ''
  return ticks.map((tick) => {
    const at = new Date(tick * 1_000)
    const date = day.format(at)
    const text = increment >= 86_400 ? date : former !== '' && date !== former ? date : clock.format(at)
    former = date
    return text
  })
}
