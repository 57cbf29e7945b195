import type { z } from 'zod'
import { type Mask, masksOf } from './masked.ts'
import type { Bits } from './perms.ts'

/** An index: equalities on its first fields and one range on the next are answered by it, in its order. */
export interface IndexOptions {
  /** 1 to 4 fields, a field a path of keys parted by dots. */
  readonly on: readonly string[]
  readonly unique?: boolean
}

export interface TableOptions<Schema extends z.ZodObject> {
  /** An object without `id`. */
  readonly schema: Schema
  /** `own`: a row exists only for the principal that made it (the default). */
  readonly rows?: 'own' | 'shared'
  /** The bits that the table begins with, before an operator restricts it; 7 unless said. */
  readonly permissions?: Bits
  readonly indexes?: Readonly<Record<string, IndexOptions>>
}

/** A table of an app, as data: whoever reads it needs no copy of this module. */
export interface TableDefinition<Name extends string = string, Schema extends z.ZodObject = z.ZodObject> {
  readonly kind: 'table'
  readonly name: Name
  readonly schema: Schema
  readonly rows: 'own' | 'shared'
  readonly permissions: Bits
  readonly indexes: Readonly<Record<string, Required<IndexOptions>>>
  readonly masks: readonly Mask[]
}

const nameForm = /^[a-z][a-z0-9_]{0,39}$/

/** Declares a table of versioned documents. Throws `TypeError` for a name, a schema or an index that cannot be. */
export function table<const Name extends string, Schema extends z.ZodObject>(
  name: Name,
  options: TableOptions<Schema>,
): TableDefinition<Name, Schema> {
  if (!nameForm.test(name)) throw new TypeError(`'${name}' is no name of a table: [a-z][a-z0-9_]{0,39}`)
  if (name === 'at') throw new TypeError(`'at' is taken: ctx.tables.at reads the past`)
  if ('id' in options.schema.shape) throw new TypeError(`the schema of ${name} may not have an id of its own`)
  const indexes = Object.entries(options.indexes ?? {}).map(([label, { on, unique }]) => {
    if (on.length < 1 || on.length > 4) throw new TypeError(`index ${label} of ${name} needs 1 to 4 fields`)
    return [label, { on, unique: unique === true }] as const
  })
  return {
    kind: 'table',
    name,
    schema: options.schema,
    rows: options.rows ?? 'own',
    permissions: options.permissions ?? 7,
    indexes: Object.fromEntries(indexes),
    masks: masksOf(options.schema),
  }
}
