import type { Manifest, ManifestTable } from '@quarterdeck/sdk/functions/manifest'
import type { TableShape } from '../../../ports/tables.ts'

/** The tables of an app as their store declares them, in the order of the manifest. */
export function shapesOf(manifest: Pick<Manifest, 'tables'>): TableShape[] {
  return manifest.tables.map(shapeOf)
}

/** One table: its indexes, those that serve owners and lists, and what it permits when it is made. */
function shapeOf(table: ManifestTable): TableShape {
  return {
    name: table.name,
    indexes: Object.values(table.indexes).map(({ on, unique }) =>
      unique ? { fields: on, unique } : { fields: on },
    ),
    ...(table.rows === 'own' ? { owned: true } : {}),
    // Any table may be used as a list: pop and shift go by insertion order.
    listed: true,
    permissions: table.permissions,
  }
}
