import { Tooltip } from '@mantine/core'
import type { Tier } from '@quarterdeck/sdk/contract/record'
import classes from './tier-badge.module.css'

const meanings: Readonly<Record<Tier, string>> = {
  unbound: 'The credential may name any producer: who really said this is not proved',
  own: 'Said by a bound producer about its own product',
  independent: 'Said by a bound producer about the product of another',
}

/** How far a record's word goes: set by the credential it came with, never by the record. */
export function TierBadge(props: { readonly tier: Tier }) {
  return (
    <Tooltip label={meanings[props.tier]}>
      <span className={classes.tier} data-tier={props.tier}>
        {props.tier}
        <span className="visually-hidden"> ({meanings[props.tier]})</span>
      </span>
    </Tooltip>
  )
}
