import type { Link, Ref } from '@quarterdeck/sdk/contract/record'
import { isLink, isRef, linkKey, refKey } from './ref-key.ts'
import type { Fields, Tracked, View } from './tracked.ts'

/** One field as events and slots give it together. */
export function shownField(object: Tracked, key: string): unknown {
  let value = Object.hasOwn(object.fields, key) ? object.fields[key] : undefined
  for (const view of object.views ?? [])
    if (speaks(view, key) && (view.above || value === undefined)) value = view.fields[key] ?? undefined
  return value
}

/** All fields as events and slots give them together. */
export function shownFields(object: Tracked): Fields {
  const fields: Fields = { ...object.fields }
  for (const view of object.views ?? [])
    for (const key of Object.keys(view.fields)) {
      if (!speaks(view, key)) continue
      const value = view.fields[key]
      if (view.above) {
        if (value === null) delete fields[key]
        else fields[key] = value
      } else if (value !== null && !Object.hasOwn(fields, key)) fields[key] = value
    }
  const refs = collectedRefs(object)
  if (refs.size > 0) fields.refs = [...refs.values()]
  const links = collectedLinks(object)
  if (links.size > 0) fields.links = [...links.values()]
  return fields
}

function speaks(view: View, key: string): boolean {
  return Object.hasOwn(view.fields, key) && !view.overridden?.has(key)
}

/** The refs that events and slots gave, each once. */
export function collectedRefs(object: Tracked): ReadonlyMap<string, Ref> {
  return collected(object, object.refs, 'refs', isRef, refKey)
}

function collectedLinks(object: Tracked): ReadonlyMap<string, Link> {
  return collected(object, object.links, 'links', isLink, linkKey)
}

function collected<Item>(
  object: Tracked,
  own: ReadonlyMap<string, Item> | null,
  key: string,
  is: (value: unknown) => value is Item,
  name: (item: Item) => string,
): ReadonlyMap<string, Item> {
  if (object.views === null) return own ?? new Map()
  const all = new Map(own)
  for (const view of object.views) {
    const items = view.fields[key]
    if (Array.isArray(items)) for (const item of items) if (is(item)) all.set(name(item), item)
  }
  return all
}
