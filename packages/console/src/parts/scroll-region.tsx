import type { ReactNode } from 'react'

/** A named part of the page that scrolls by itself, by keyboard too. */
export function ScrollRegion(props: {
  readonly label: string
  readonly className?: string | undefined
  readonly children: ReactNode
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className={props.className} tabIndex={0} aria-label={props.label}>
      {props.children}
    </section>
  )
}
