import type { NeedsYou as Need } from '@quarterdeck/sdk/contract/state'
import { Link } from '@tanstack/react-router'

/** Leads to where a need can be looked at: the run, the gate, or its row on the page Operate. */
export function NeedLink(props: { readonly need: Need; readonly className?: string | undefined }) {
  const { need, className } = props
  const { product, id, label = id } = need
  if (need.kind === 'processes') {
    return (
      <Link to="/run/$product/$id" params={{ product, id }} className={className}>
        {label}
      </Link>
    )
  }
  if (need.kind === 'gates') {
    return (
      <Link to="/gate/$product/$id" params={{ product, id }} className={className}>
        {label}
      </Link>
    )
  }
  return (
    <Link to="/operate" search={{ q: id }} className={className}>
      {label}
    </Link>
  )
}
