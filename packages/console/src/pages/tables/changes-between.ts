import { isObject } from '../../parts/fields.ts'

/** A field that two versions of a document do not agree on; `undefined`: it is not there. */
export interface FieldChange {
  readonly path: string
  readonly was: unknown
  readonly is: unknown
}

type Doc = Readonly<Record<string, unknown>>

/** What changed from one version to the next, field by field, those in objects too. Lists are compared whole. */
export function changesBetween(was: Doc, is: Doc, path: readonly string[] = []): FieldChange[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])]
  return names.flatMap((name) => {
    const [before, after] = [own(was, name), own(is, name)]
    const here = [...path, name]
    if (isObject(before) && isObject(after)) return changesBetween(before, after, here)
    return JSON.stringify(before) === JSON.stringify(after)
      ? []
      : [{ path: here.join('.'), was: before, is: after }]
  })
}

function own(doc: Doc, name: string): unknown {
  return Object.hasOwn(doc, name) ? doc[name] : undefined
}
