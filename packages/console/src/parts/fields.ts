import { Ref } from '@quarterdeck/sdk/contract/record'
import type { StateObject } from '@quarterdeck/sdk/contract/state'

/** Reading of a producer's fields: anything may stand in them, and what is not as expected counts as absent. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** What to call an object: its own title, else its id. */
export function titleOf(object: Readonly<Record<string, unknown>> & { readonly id: string }): string {
  return text(object.title) ?? text(object.label) ?? text(object.summary) ?? object.id
}

/** A reference to another thing, if it is one. */
export function refOf(value: unknown): Ref | undefined {
  return Ref.safeParse(value).data
}

/** All the references that stand in an object, in whatever field of its own, its refs or its links. */
export function refsOf(object: StateObject): readonly Ref[] {
  const listed = ['refs', 'links'].flatMap((field) => (Array.isArray(object[field]) ? object[field] : []))
  const named = Object.entries(object).flatMap(([field, value]) => (field.endsWith('Ref') ? [value] : []))
  return [...named, ...listed].flatMap((value) => {
    const ends = isObject(value) ? [value.from, value.to] : []
    return [value, ...ends].map(refOf).filter((ref) => ref !== undefined)
  })
}

/** Whether an object points at a thing. */
export function refersTo(object: StateObject, kind: string, product: string, id: string): boolean {
  return refsOf(object).some((ref) => ref.kind === kind && ref.product === product && ref.id === id)
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
