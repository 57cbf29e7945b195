import 'uplot/dist/uPlot.min.css'
import { useComputedColorScheme } from '@mantine/core'
import type { SeriesAnswer } from '@quarterdeck/sdk/contract/telemetry-query'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { alignSeries } from './align-series.ts'
import { drawMarkers } from './draw-markers.ts'
import { strokeOf } from './palette.ts'
import classes from './series-chart.module.css'
import { SeriesTable } from './series-table.tsx'
import { timeAxis } from './time-axis.ts'

const height = 260

/** Series over time with the platform's markers, and the same as a table for those who do not see it. */
export function SeriesChart(props: {
  readonly answer: SeriesAnswer
  readonly label: string
  readonly format: (value: number | null) => string
}) {
  const { answer, label, format } = props
  const place = useRef<HTMLDivElement>(null)
  const isDark = useComputedColorScheme('light') === 'dark'

  useEffect(() => {
    const element = place.current
    if (element === null) return
    const plot = new uPlot(
      optionsOf(answer, element.clientWidth, isDark, format),
      alignSeries(answer.series),
      element,
    )
    const sized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    sized.observe(element)
    return () => {
      sized.disconnect()
      plot.destroy()
    }
  }, [answer, isDark, format])

  return (
    <figure className={classes.figure}>
      <div
        ref={place}
        className={classes.chart}
        role="img"
        aria-label={`Chart: ${label}. The table below holds the same.`}
      />
      <SeriesTable answer={answer} label={label} format={format} />
    </figure>
  )
}

function optionsOf(
  answer: SeriesAnswer,
  width: number,
  isDark: boolean,
  format: (value: number | null) => string,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--qd-muted'),
    grid: { stroke: colour('--qd-line'), width: 1 },
    ticks: { show: false },
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
  }
  return {
    width,
    height,
    padding: [12, 18, 0, 0],
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    legend: { live: true },
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [
      { ...axis, size: 30, values: timeAxis },
      { ...axis, size: 64, values: (_plot, ticks) => ticks.map((tick) => format(tick)) },
    ],
    series: [
      { label: 'time', value: '{YYYY}-{MM}-{DD} {HH}:{mm}' },
      ...answer.series.map(({ key, points }, index) => ({
        label: key,
        ...strokeOf(index, isDark),
        width: 1.6,
        // A lone point has no line to be seen by.
        points: { show: points.length < 40, size: 4 },
        value: (_plot: uPlot, value: number | null) => format(value),
      })),
    ],
    plugins: [drawMarkers(answer.markers, colour('--qd-warn'))],
  }
}
