import { Link } from '@tanstack/react-router'

/** A record's subject, `product/kind/id` with percent-encoded parts; processes and gates lead to their pages. */
export function SubjectLink(props: { readonly subject: string }) {
  const [product = '', kind = '', id = ''] = props.subject.split('/').map(decoded)
  return <ObjectLink kind={kind} product={product} id={id} />
}

/** A thing by name; a process or gate as a link to its page. */
export function ObjectLink(props: {
  readonly kind: string
  readonly product: string
  readonly id: string
  readonly label?: string | undefined
}) {
  const { kind, product, id, label = id } = props
  if (kind === 'process' || kind === 'processes') {
    return (
      <Link to="/run/$product/$id" params={{ product, id }}>
        {label}
      </Link>
    )
  }
  if (kind === 'gate' || kind === 'gates') {
    return (
      <Link to="/gate/$product/$id" params={{ product, id }}>
        {label}
      </Link>
    )
  }
  return <span title={`${kind} of ${product}`}>{label}</span>
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
