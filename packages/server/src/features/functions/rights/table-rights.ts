import type { CallerInfo } from '@quarterdeck/sdk/functions/context'
import type { Manifest } from '@quarterdeck/sdk/functions/manifest'
import { bitsOf } from './function-rights.ts'

/** The bits that a caller holds on a table, before what the table itself permits. */
export function heldBits(
  groups: Manifest['groups'],
  caller: CallerInfo,
  table: string,
  elevate: Readonly<Record<string, number>> = {},
): number {
  let held = bitsOf(elevate, table)
  for (const name of caller.groups) {
    const tables = Object.hasOwn(groups, name) ? groups[name]?.tables : undefined
    if (tables !== undefined) held |= bitsOf(tables, table) | bitsOf(tables, '*')
  }
  return held
}
