import { IconExternalLink } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** A link from a record: https alone, opened only by a click and without a word about this page. Else just its text. */
export function SafeLink(props: { readonly url: unknown; readonly children: ReactNode }) {
  const url = httpsOnly(props.url)
  if (url === undefined) return props.children
  return (
    <a href={url} target="_blank" rel="noopener noreferrer" title={url}>
      {props.children} <IconExternalLink size={12} aria-label="opens in a new tab" />
    </a>
  )
}

function httpsOnly(given: unknown): string | undefined {
  if (typeof given !== 'string' || !URL.canParse(given)) return undefined
  const { protocol, username, password, href } = new URL(given)
  return protocol === 'https:' && username === '' && password === '' ? href : undefined
}
