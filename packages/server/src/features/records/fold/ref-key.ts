import type { Link, Ref } from '@quarterdeck/sdk/contract/record'

/** One name per thing: no printable id holds a line break. */
export function refKey(ref: Ref): string {
  return `${ref.product}\n${ref.kind}\n${ref.id}`
}

/** One name per link: the same two things may be linked in several ways. */
export function linkKey(link: Link): string {
  return `${refKey(link.from)}\n${link.relation}\n${refKey(link.to)}`
}

/** Whether a value of a free field is a ref. */
export function isRef(value: unknown): value is Ref {
  if (typeof value !== 'object' || value === null) return false
  const { product, kind, id } = value as Partial<Record<keyof Ref, unknown>>
  return typeof product === 'string' && typeof kind === 'string' && typeof id === 'string'
}

/** Whether a value of a free field is a link. */
export function isLink(value: unknown): value is Link {
  if (typeof value !== 'object' || value === null) return false
  const { from, to, relation } = value as Partial<Record<keyof Link, unknown>>
  return isRef(from) && isRef(to) && typeof relation === 'string'
}
