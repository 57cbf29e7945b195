import type { Store, View } from './store.ts'

/**
 * A store that tells at once which rows `table/id` a change touched, so that whoever has just signed out or kept
 * somebody out finds it done in this process, before the feed of changes brings it to all.
 */
export function evictingStore(store: Store, evict: (rows: readonly string[]) => void): Store {
  return {
    view: store.view,
    async change(act) {
      let touched: string[] = []
      const result = await store.change((view) => {
        touched = []
        const noting: View = {
          ...view,
          set(table, id, doc) {
            touched.push(`${table}/${id}`)
            view.set(table, id, doc)
          },
          delete(table, id) {
            touched.push(`${table}/${id}`)
            view.delete(table, id)
          },
        }
        return act(noting)
      })
      if (touched.length > 0) evict(touched)
      return result
    },
  }
}
