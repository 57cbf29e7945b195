import { fault } from '@quarterdeck/sdk/errors'
import type { Mask } from '@quarterdeck/sdk/functions/masked'
import { bitsOf } from './function-rights.ts'

type Doc = Readonly<Record<string, unknown>>

/** The bits that groups hold on a marked field. */
export function fieldBits(mask: Mask, groups: readonly string[]): number {
  return groups.reduce((held, group) => held | bitsOf(mask.groups, group), mask.bits as number)
}

/** The marked fields on which groups lack a bit, as paths. */
export function lackingFields(masks: readonly Mask[], groups: readonly string[], bit: 2 | 4): string[] {
  return masks.filter((mask) => (fieldBits(mask, groups) & bit) === 0).map(({ path }) => path)
}

/** Throws `field_forbidden` when a field tells of hidden ones: hidden is all that is in one, and what it is in. */
export function demandSeen(hidden: readonly string[], field: string): void {
  const path = hidden.find(
    (one) => one === field || one.startsWith(`${field}.`) || field.startsWith(`${one}.`),
  )
  if (path !== undefined) throw fault('field_forbidden', undefined, { members: { path } })
}

/** A document without fields; the one given stays as it is. */
export function withoutFields(doc: Doc, paths: readonly string[]): Doc {
  return paths.reduce((left, path) => without(left, path.split('.')), doc)
}

function without(doc: Doc, [key = '', ...rest]: readonly string[]): Doc {
  if (!Object.hasOwn(doc, key)) return doc
  const { [key]: inner, ...others } = doc
  if (rest.length === 0) return others
  return isDoc(inner) ? { ...doc, [key]: without(inner, rest) } : doc
}

/** The value at a path; undefined where there is none. */
export function fieldAt(doc: unknown, path: string): unknown {
  let value = doc
  for (const key of path.split('.')) {
    if (!isDoc(value) || !Object.hasOwn(value, key)) return undefined
    value = value[key]
  }
  return value
}

function isDoc(value: unknown): value is Doc {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
