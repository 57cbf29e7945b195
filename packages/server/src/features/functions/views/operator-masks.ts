import type { ManifestTable } from '@quarterdeck/sdk/functions/manifest'
import type { Mask } from '@quarterdeck/sdk/functions/masked'
import type { Json } from '../../../ports/tables.ts'
import { demandSeen, lackingFields, withoutFields } from '../rights/field-masks.ts'

/** A table as operators may see it. */
export interface OperatorMasks {
  /** A document without what they may not see. */
  shown(data: Json): Record<string, unknown>
  /** Throws `field_forbidden` when a field tells of what they may not see. */
  demand(field: string): void
  /** Fields that no index may order by on their behalf. */
  readonly hidden: readonly string[]
}

/** The masks of a table, as the group `operators` meets them. */
export function operatorMasks(table: Pick<ManifestTable, 'masks'>): OperatorMasks {
  const hidden = lackingFields(table.masks as readonly Mask[], ['operators'], 4)
  return {
    hidden,
    // Rows made by hand may hold anything; a function never reads those that are no documents.
    shown: (data) => (isDocument(data) ? { ...withoutFields(data, hidden) } : { value: data }),
    demand: (field) => demandSeen(hidden, field),
  }
}

function isDocument(data: Json): data is { readonly [key: string]: Json } {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}
