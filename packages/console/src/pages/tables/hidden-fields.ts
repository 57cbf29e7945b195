import type { TableItem } from './tables-query.ts'

/** The fields of a table, as paths, whose values members of the group operators may not read. */
export function hiddenFields({ masks }: Pick<TableItem, 'masks'>): string[] {
  return masks
    .filter(({ bits, groups }) => {
      const held = Object.hasOwn(groups, 'operators') ? (groups.operators ?? 0) : 0
      return ((bits | held) & 4) === 0
    })
    .map(({ path }) => path)
}

/** Whether a path is hidden, or lies in something that is. */
export function isHidden(hidden: readonly string[], path: string): boolean {
  return hidden.some((each) => path === each || path.startsWith(`${each}.`))
}
