import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { number } from './format/number.ts'
import { ScrollRegion } from './scroll-region.tsx'
import classes from './table.module.css'

export interface Column<Row> {
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers stand on the right. */
  readonly numeric?: boolean
  /** Left out where the page is as narrow as a phone. */
  readonly wideOnly?: boolean
  /** Takes the room that is left. */
  readonly grow?: boolean
  /** The header is a name from data, and shown letter by letter. */
  readonly named?: boolean
}

/** More rows than this are drawn only when asked for. */
const first = 100

/** A table with a caption for those who do not see it. Wider than the page, it scrolls by itself. */
export function Table<Row>(props: {
  readonly caption: string
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  readonly keyOf: (row: Row) => string
}) {
  const attributes = ({ numeric, wideOnly, grow, named }: Column<Row>) => ({
    'data-numeric': numeric,
    'data-wide-only': wideOnly,
    'data-grow': grow,
    'data-named': named,
  })
  const [all, setAll] = useState(false)
  const { rows } = props
  return (
    <ScrollRegion className={classes.scroll} label={`${props.caption}, table`}>
      <table className={classes.table}>
        <caption className="visually-hidden">{props.caption}</caption>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <th key={keyOfColumn(column)} scope="col" {...attributes(column)}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(all ? rows : rows.slice(0, first)).map((row) => (
            <tr key={props.keyOf(row)}>
              {props.columns.map((column) => (
                <td key={keyOfColumn(column)} {...attributes(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {all || rows.length <= first ? null : (
        <div className={classes.more}>
          <Button onClick={() => setAll(true)}>Show all {number(rows.length)}</Button>
        </div>
      )}
    </ScrollRegion>
  )
}

/** A name from data may be the same as a header of the page's own. */
function keyOfColumn<Row>({ header, named = false }: Column<Row>): string {
  return named ? `named ${header}` : header
}
