import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import type { NamedTopic } from '../core/feed.ts'
import { mayUse } from '../core/gate.ts'
import type { Arrival } from './arrival.ts'
import type { BoundFeed, NamedFeed, PlainFeed } from './bound-feed.ts'
import { readStreamCursor, type StreamCursor } from './stream-cursor.ts'

/** A topic as a reader asked for it, name and query included, and what answers it. */
export type AskedTopic =
  | { readonly topic: string; readonly feed: PlainFeed }
  | { readonly topic: string; readonly feed: NamedFeed; readonly named: NamedTopic }

/** What a stream was asked for: topics in the order they were named, and where to go on. */
export interface StreamRequest {
  readonly topics: readonly AskedTopic[]
  /** Null: from now. `garbled`: an id that is none of these topics. */
  readonly after: StreamCursor | null | 'garbled'
}

/**
 * Reads what a stream is asked for; throws `invalid` for topics there are not, `forbidden` for one that is not the
 * actor's, and to callers without a credential `unauthenticated` for all but public topics.
 */
export function readStreamRequest(
  known: readonly BoundFeed[],
  actor: Actor,
  { query, incoming }: Arrival,
): StreamRequest {
  const fields = new URLSearchParams(query)
  const names = (fields.get('topics') ?? '').split(',').filter((name) => name !== '')
  const found = names.map((name) => findTopic(known, name))
  if (actor.class === 'anonymous' && !(found.length > 0 && found.every(isPublic)))
    throw fault('unauthenticated')
  const issue = (message: string) => fault('invalid', undefined, { issues: [{ path: ['topics'], message }] })
  if (names.length === 0 || names.length > 20 || new Set(names).size !== names.length)
    throw issue('needs 1 to 20 different topics')
  const topics = found.map((one) => {
    if (one === null) throw issue('names a topic that there is not')
    return one
  })
  for (const { feed } of topics) if (!mayUse(actor, feed.permission)) throw fault('forbidden')
  const last = incoming.headers['last-event-id'] ?? fields.get('after') ?? ''
  if (last === '') return { topics, after: null }
  return { topics, after: readStreamCursor(String(last), topics.length) ?? 'garbled' }
}

function isPublic(asked: AskedTopic | null): boolean {
  return asked?.feed.permission === 'public'
}

/** The feed of a topic: of its own name, or of the pattern that it meets, with what stands for the pattern's name. */
function findTopic(known: readonly BoundFeed[], topic: string): AskedTopic | null {
  const mark = topic.indexOf('?')
  const path = mark < 0 ? topic : topic.slice(0, mark)
  for (const feed of known) {
    if ('source' in feed) {
      if (feed.topic === topic) return { topic, feed }
      continue
    }
    const prefix = feed.topic.slice(0, feed.topic.indexOf(':'))
    const name = path.slice(prefix.length)
    if (!path.startsWith(prefix) || name === '' || name.includes('/')) continue
    const query = new URLSearchParams(mark < 0 ? '' : topic.slice(mark + 1))
    return { topic, feed, named: { name, query } }
  }
  return null
}
