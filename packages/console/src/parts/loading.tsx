import { Skeleton } from '@mantine/core'

/** Grey lines where content is about to be. */
export function Loading(props: { readonly lines?: number; readonly what?: string }) {
  const lines = Array.from({ length: props.lines ?? 4 }, (_, index) => `line ${index}`)
  return (
    <div className="stack" role="status">
      <span className="visually-hidden">Loading {props.what ?? ''}</span>
      {lines.map((line) => (
        <Skeleton key={line} height={34} radius="md" />
      ))}
    </div>
  )
}
