import type { SeriesAnswer } from '@quarterdeck/sdk/contract/telemetry-query'
import { instant } from '../format/instant.ts'
import { ScrollRegion } from '../scroll-region.tsx'
import { alignSeries } from './align-series.ts'
import classes from './series-chart.module.css'

/** What a chart shows, in numbers. */
export function SeriesTable(props: {
  readonly answer: SeriesAnswer
  readonly label: string
  readonly format: (value: number | null) => string
}) {
  const { answer, label, format } = props
  const [times, ...columns] = alignSeries(answer.series)
  return (
    <details className={classes.table}>
      <summary>As a table</summary>
      <ScrollRegion className={classes.scroll} label={`${label}, table`}>
        <table>
          <caption className="visually-hidden">{label}</caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {answer.series.map(({ key }) => (
                <th key={key} scope="col">
                  {key}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {times.map((time, row) => (
              <tr key={time}>
                <th scope="row">{instant(new Date(time * 1_000).toISOString())}</th>
                {answer.series.map(({ key }, column) => (
                  <td key={key}>{format(columns[column]?.[row] ?? null)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </details>
  )
}
