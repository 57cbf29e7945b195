import type { ReactNode } from 'react'
import { Ago } from './ago.tsx'
import classes from './fetched.module.css'
import { Loading } from './loading.tsx'
import { Problem } from './problem.tsx'

/** What was asked of the server: on its way, refused, there, or there and not renewed since. */
export function Fetched<T>(props: {
  readonly what: string
  readonly query: {
    readonly data: T | undefined
    readonly error: unknown
    readonly refetch: () => unknown
    /** Unix ms. */
    readonly dataUpdatedAt: number
  }
  readonly children: (data: T) => ReactNode
}) {
  const { what, query, children } = props
  const { data, error, refetch, dataUpdatedAt } = query
  return (
    <>
      {error === null ? null : (
        <div className={classes.problem}>
          <Problem error={error} retry={() => void refetch()} />
          {data === undefined ? null : (
            <p className="muted">
              What is shown was so <Ago time={new Date(dataUpdatedAt).toISOString()} />.
            </p>
          )}
        </div>
      )}
      {data !== undefined ? (
        children(data)
      ) : error === null ? (
        <div className={classes.problem}>
          <Loading what={what} />
        </div>
      ) : null}
    </>
  )
}
