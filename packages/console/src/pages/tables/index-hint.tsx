import { Fault } from '@quarterdeck/sdk/errors'
import { indexText } from './orderable.ts'
import classes from './tables.module.css'
import type { TableItem } from './tables-query.ts'

/** Where no index serves what is asked: which there are, and what they can serve. */
export function IndexHint(props: { readonly error: unknown; readonly table: TableItem }) {
  const { error, table } = props
  if (!(error instanceof Fault) || error.code !== 'index_required') return null
  const all = Object.entries(table.indexes)
  return (
    <div className={classes.hint}>
      {all.length === 0 ? (
        <p>This table has no index: its rows can only be read in the order of their ids.</p>
      ) : (
        <>
          <p>
            Conditions begin with the first field of an index: equalities on its first fields, then one range.
            The indexes of {table.name}:
          </p>
          <ul>
            {all.map((index) => (
              <li key={index[0]}>
                <code className="break">{indexText(index)}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
