/** What was used most recently, as much of it as fits. */
export interface Recent<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

/** Keeps values up to a sum of weights; what was not used for longest goes first. */
export function createRecent<Value>(needs: {
  readonly most: number
  readonly weigh: (value: Value) => number
}): Recent<Value> {
  const values = new Map<string, { readonly value: Value; readonly weight: number }>()
  let weight = 0

  function remove(key: string) {
    weight -= values.get(key)?.weight ?? 0
    values.delete(key)
  }
  function put(key: string, held: { value: Value; weight: number }) {
    remove(key)
    values.set(key, held)
    weight += held.weight
  }

  return {
    get(key) {
      const held = values.get(key)
      if (held !== undefined) put(key, held)
      return held?.value
    },
    set(key, value) {
      put(key, { value, weight: needs.weigh(value) })
      for (const oldest of values.keys()) {
        if (weight <= needs.most || values.size === 1) break
        remove(oldest)
      }
    },
  }
}
