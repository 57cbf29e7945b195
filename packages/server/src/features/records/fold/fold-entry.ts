import type { ArrayName, Tier } from '@quarterdeck/sdk/contract/record'

/** One accepted record as the log holds it. It was parsed when it was appended and is not parsed again. */
export interface FoldEntry {
  readonly position: number
  readonly id: string
  /** Unix ms. */
  readonly receivedAt: number
  readonly tier: Tier
  readonly record: Readonly<Record<string, unknown>>
}

/** An object that an entry moved, made or removed. */
export interface Touched {
  readonly kind: ArrayName
  readonly product: string
  readonly id: string
}
