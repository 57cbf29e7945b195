import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import { mayUse } from '../core/gate.ts'
import type { Arrival } from './arrival.ts'
import { readStreamCursor, type StreamCursor } from './stream-cursor.ts'

/** What a stream was asked for: feeds in the order they were named, and where to go on. */
export interface StreamRequest<Feed> {
  readonly feeds: readonly Feed[]
  /** Null: from now. `garbled`: an id that is none of these topics. */
  readonly after: StreamCursor | null | 'garbled'
}

/** Reads what a stream is asked for; throws `invalid` for topics there are not, `forbidden` for one that is not the actor's. */
export function readStreamRequest<Feed extends { readonly topic: string; readonly permission: string }>(
  known: readonly Feed[],
  actor: Actor,
  { query, incoming }: Arrival,
): StreamRequest<Feed> {
  const fields = new URLSearchParams(query)
  const names = (fields.get('topics') ?? '').split(',').filter((name) => name !== '')
  const issue = (message: string) => fault('invalid', undefined, { issues: [{ path: ['topics'], message }] })
  if (names.length === 0 || names.length > 20 || new Set(names).size !== names.length)
    throw issue('needs 1 to 20 different topics')
  const feeds = names.map((name) => {
    const feed = known.find((one) => one.topic === name)
    if (feed === undefined) throw issue('names a topic that there is not')
    return feed
  })
  for (const feed of feeds) if (!mayUse(actor, feed.permission)) throw fault('forbidden')
  const last = incoming.headers['last-event-id'] ?? fields.get('after') ?? ''
  if (last === '') return { feeds, after: null }
  return { feeds, after: readStreamCursor(String(last), feeds.length) ?? 'garbled' }
}
