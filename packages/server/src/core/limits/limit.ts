/** So many in a window of `windowMs` milliseconds. */
export interface Limit {
  readonly count: number
  readonly windowMs: number
}

/** Any window of that length, or windows that begin with a first request. */
export type Strategy = 'moving-window' | 'fixed-window'
