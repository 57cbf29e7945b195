import { useMediaQuery } from '@mantine/hooks'
import type { TelemetryAnswer } from '@quarterdeck/sdk/contract/telemetry-query'
import { compact } from '../../parts/format/number.ts'
import classes from './telemetry.module.css'
import { toggled, useTelemetrySearch } from './use-telemetry-search.ts'

/** Every facet with its most frequent values; a chosen one narrows the page and stays in the URL. */
export function Facets(props: { readonly facets: TelemetryAnswer['facets'] }) {
  const narrow = useMediaQuery('(max-width: 820px)')
  const facets = props.facets.filter(({ values }) => values.length > 0)
  if (facets.length === 0) return <div />
  const all = (
    <div className={classes.facets}>
      {facets.map((facet) => (
        <Facet key={facet.id} facet={facet} />
      ))}
    </div>
  )
  if (!narrow) return all
  return (
    <details>
      <summary>Filters</summary>
      {all}
    </details>
  )
}

function Facet({ facet }: { readonly facet: TelemetryAnswer['facets'][number] }) {
  const [{ filter }, change] = useTelemetrySearch()
  return (
    <fieldset className={classes.facet}>
      <legend>{facet.label}</legend>
      {facet.values.map(({ value, count }) => {
        const name = `${facet.id}:${value}`
        return (
          <label key={value} className={classes.value}>
            <input
              type="checkbox"
              checked={filter?.includes(name) ?? false}
              onChange={() => change({ filter: toggled(filter, name) })}
            />
            <span>{value}</span>
            <span>{compact(count)}</span>
          </label>
        )
      })}
    </fieldset>
  )
}
