import type { Actor } from '@quarterdeck/sdk/actor'
import { beginTopic, type From } from '../../../core/begin-topic.ts'
import { createHub, type FeedEvent, type Hub, type OpenFeed } from '../../../core/feed.ts'

/** What one reader was told, in order. */
export interface Told {
  readonly kind: 'snapshot' | 'delta' | 'gap' | 'resumed'
  readonly position: number
  readonly data: FeedEvent['data']
}

/** Topics as streams read them: hubs by key, and readers that note what they are told. */
export function createReaders(needs: {
  readonly feeds: Readonly<Record<'functions.change/:table' | 'functions.live/:fn', OpenFeed>>
  readonly now: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}) {
  const hubs = new Map<string, Hub>()

  /** Opens `functions.change/tickets` and the like for an actor; `from` is where it was. */
  return async function read(actor: Actor, topic: string, from: From = null) {
    const [path = '', query = ''] = topic.split('?')
    const [kind, name = ''] = path.split('/')
    const pattern = kind === 'functions.live' ? 'functions.live/:fn' : 'functions.change/:table'
    const opened = await needs.feeds[pattern](actor, { name, query: new URLSearchParams(query) })
    const key = JSON.stringify([actor.tenant, pattern, opened.key])
    const hub =
      hubs.get(key) ??
      createHub({ ...needs, source: opened.source, tenant: actor.tenant, whole: opened.whole })
    hubs.set(key, hub)
    const told: Told[] = []
    const leaving: (() => void)[] = []
    let gone = false
    const note =
      (kind: Told['kind']) =>
      (_topic: number, { position, data }: FeedEvent) => {
        told.push({ kind, position, data })
      }
    await beginTopic({
      writer: {
        snapshot: note('snapshot'),
        delta: note('delta'),
        whole: note('snapshot'),
        gap: (_topic, from, position, reason) => told.push({ kind: 'gap', position, data: { from, reason } }),
        resumed: (_topic, position) => told.push({ kind: 'resumed', position, data: {} }),
        recover() {},
      },
      index: 0,
      hub,
      whole: opened.whole,
      from,
      gone: () => gone,
      leaving,
    })
    return {
      told,
      may: opened.may,
      last: () => told.at(-1),
      leave() {
        gone = true
        for (const leaveOne of leaving.splice(0)) leaveOne()
        if (hub.idle() && hubs.get(key) === hub) hubs.delete(key)
      },
    }
  }
}

/** A function user of a tenant, in groups. */
export function userOf(principal: string, groups: readonly string[], tenant = 'home'): Actor {
  return { tenant, principal, class: 'user', permissions: [], credential: `c-${principal}`, groups }
}
