import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import classes from './environment-banner.module.css'

/** Which environment this is. Always in sight: nobody should have to remember which of two tabs is production. */
export function EnvironmentBanner(props: { readonly environment: SessionView['environment'] }) {
  const { name, kind } = props.environment
  return (
    <aside className={classes.banner} data-kind={kind} aria-label="Environment">
      <strong>{name}</strong>
      {kind === name ? null : <span>{kind === 'other' ? 'not production' : kind}</span>}
    </aside>
  )
}
