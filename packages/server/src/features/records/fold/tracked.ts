import type { ArrayName, Link, Ref, Tier } from '@quarterdeck/sdk/contract/record'

export type Fields = Record<string, unknown>

/** The newest projection of one producer over one scope, and the objects it covers. */
export interface Slot {
  readonly product: string
  readonly producer: string
  readonly scope: { readonly kind: string; readonly id: string }
  readonly generatedAt: number
  readonly comparable: {
    readonly producerId: string
    readonly streamId: string
    readonly sequence: number
  } | null
  readonly asOf: number
  readonly position: number
  readonly receivedAt: number
  readonly tier: Tier
  readonly covers: Set<Tracked>
}

/** What one slot says of one object. */
export interface View {
  readonly slot: Slot
  readonly fields: Fields
  /** No later event had touched the object when the projection came: its values are taken, not only filled in. */
  readonly above: boolean
  /** Fields that events have set or removed since: the slot has no say in them any more. */
  overridden: Set<string> | null
}

/** One object of the state as the fold keeps it. */
export interface Tracked {
  readonly array: ArrayName
  readonly product: string
  readonly id: string
  /** Rises with every object that comes to be: the stable order of lists. */
  born: number
  alive: boolean
  /** What events said, with their status among it. */
  fields: Fields
  /** Fields that an event removed: a late event does not bring them back. */
  removed: Set<string> | null
  reason: string | null
  refs: Map<string, Ref> | null
  links: Map<string, Link> | null
  views: View[] | null
  /** Position of the last event applied, late ones apart; 0: none. */
  touched: number
  occurredAt: number
  sequence: number
  producer: { readonly id: string; readonly product: string; readonly runId?: string | undefined } | null
  tier: Tier
  /** When anything was last received about it. */
  heardAt: number
  /** The status from events and slots together, and since when it holds. */
  status: string | null
  since: number
}

/** An object nothing is known of yet. */
export function newTracked(array: ArrayName, product: string, id: string): Tracked {
  return {
    array,
    product,
    id,
    born: 0,
    alive: true,
    fields: {},
    removed: null,
    reason: null,
    refs: null,
    links: null,
    views: null,
    touched: 0,
    occurredAt: 0,
    sequence: -1,
    producer: null,
    tier: 'unbound',
    heardAt: 0,
    status: null,
    since: 0,
  }
}
