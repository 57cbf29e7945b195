import type { KeyDoc, View } from '../store.ts'
import type { KeyPair } from './key-pair.ts'

const day = 86_400_000
const minute = 60_000
/** How long a key is published before it signs: longer than any verifier keeps a key set. */
const publishedMs = 10 * minute
const signsMs = 90 * day
/** The longest that a token lives. */
export const maxTokenMs = day
/** How long a key verifies after its longest token has ended. */
const afterLastMs = day

/** A key that was just made, with its sealed seed. */
export type MakeKey = () => Pick<KeyPair, 'kid' | 'publicJwk'> & { readonly privateKey: string }

/**
 * Takes the steps that are due: without any key the first is made and signs at once; a key published for ten minutes
 * signs in place of the one before; that one verifies on until a day after its longest token; a key that has signed
 * for 90 days gets a successor, or now if `wanted`.
 */
export async function stepKeys(
  view: View,
  needs: { readonly now: () => number; readonly make: MakeKey; readonly wanted?: boolean },
): Promise<void> {
  const at = needs.now()
  const { rows } = await view.page('keys', { limit: 1_000 })
  const current = rows.find((key) => key.state === 'current')
  const next = rows.find((key) => key.state === 'next')
  const changes: [string, KeyDoc][] = []
  const publish = (state: 'current' | 'next') => {
    const { kid, publicJwk, privateKey } = needs.make()
    const signsFrom = state === 'current' ? at : null
    changes.push([kid, { state, publicJwk, privateKey, publishedAt: at, signsFrom, verifiesUntil: null }])
  }

  if (current === undefined) publish('current')
  else if (next === undefined) {
    if (needs.wanted === true || (current.signsFrom ?? 0) + signsMs <= at) publish('next')
  } else if (next.publishedAt + publishedMs <= at) {
    changes.push([next.id, { ...next, state: 'current', signsFrom: at }])
    // What signs no more is not kept.
    const verifiesUntil = at + maxTokenMs + afterLastMs
    changes.push([current.id, { ...current, state: 'previous', privateKey: '', verifiesUntil }])
  }
  for (const key of rows)
    if (key.state === 'previous' && (key.verifiesUntil ?? 0) <= at)
      changes.push([key.id, { ...key, state: 'retired' }])

  if (changes.length === 0) return
  // Two who step at once would not meet in new keys; here they do, and one of them looks again.
  const guard = await view.get('guards', 'keys')
  view.set('guards', 'keys', { changes: (guard?.changes ?? 0) + 1 })
  for (const [kid, doc] of changes) view.set('keys', kid, doc)
}
