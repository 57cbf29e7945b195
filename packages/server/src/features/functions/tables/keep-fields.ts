import { canonical } from '@quarterdeck/sdk/digest'
import { fault } from '@quarterdeck/sdk/errors'
import { toJson } from '../calls/to-json.ts'
import { fieldAt } from '../rights/field-masks.ts'
import type { FieldLimit } from '../rights/table-access.ts'
import type { Doc } from './documents.ts'

/**
 * A document to be written, with the marked fields that whoever writes may not change as they are stored: what is left
 * out stays. Throws `field_forbidden` with the path of a field that is given, unless it is seen (4) and the same.
 */
export function withKeptFields(limits: readonly FieldLimit[], stored: Doc | null, given: Doc): Doc {
  return limits.reduce((doc, limit) => withKept(limit, stored, doc, fieldAt(given, limit.path)), given)
}

/** The same for some fields of a document that is there: the rest stays anyway. `undefined` takes a field away. */
export function withUpdatedFields(limits: readonly FieldLimit[], stored: Doc, fields: Doc): Doc {
  const merged = { ...stored, ...fields }
  const touched = limits.filter(({ path }) => Object.hasOwn(fields, firstKey(path)))
  return touched.reduce((doc, limit) => {
    const taken = Object.hasOwn(fields, limit.path) && fields[limit.path] === undefined
    if (!taken) return withKept(limit, stored, doc, fieldAt(fields, limit.path))
    if ((limit.bits & 2) === 0) throw forbidden(limit.path)
    return doc
  }, merged)
}

const firstKey = (path: string) => path.split('.', 1)[0] ?? path

const forbidden = (path: string) => fault('field_forbidden', undefined, { members: { path } })

function withKept({ path, bits }: FieldLimit, stored: Doc | null, doc: Doc, given: unknown): Doc {
  const before = stored === null ? undefined : fieldAt(stored, path)
  if (given === undefined)
    return stored === null || before === undefined ? doc : withField(doc, path.split('.'), stored)
  if ((bits & 2) !== 0) return doc
  const same = (bits & 4) !== 0 && before !== undefined && canonical(toJson(given)) === canonical(before)
  if (!same) throw forbidden(path)
  return doc
}

/** A field as it is stored. What it lies in is not taken away around it: an object that is missing stays whole. */
function withField(doc: Doc, [key = '', ...rest]: readonly string[], stored: Doc): Doc {
  const [mine, theirs] = [Object.hasOwn(doc, key) ? doc[key] : undefined, stored[key]]
  const kept = isDoc(mine) && isDoc(theirs) && rest.length > 0 ? withField(mine, rest, theirs) : theirs
  return { ...doc, [key]: kept }
}

const isDoc = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
