import { feeds, operations } from '@quarterdeck/sdk/contract'
import type { Authenticator } from '../core/authenticate.ts'
import type { FeedSource, OpenFeed } from '../core/feed.ts'
import type { Bound, Perform } from '../core/perform.ts'
import type { Platform } from '../platform.ts'

/**
 * A server listens before its platform stands, and refuses meanwhile; this is the platform as it will be. Whatever is
 * asked of it before throws.
 */
export function createLatePlatform() {
  let made: Platform | null = null
  const ready = (): Platform => {
    if (made === null) throw new Error('asked before it was ready')
    return made
  }
  const late = (index: number): Bound => ready().bound[index] as Bound
  const bound: Bound[] = operations().map((operation, index) => ({
    operation,
    handler: (call) => late(index).handler(call),
    ...(operation.proof === undefined ? {} : { shown: (call) => shownBy(late(index), call) }),
  }))
  const perform: Perform = (one, asked) => ready().perform(one, asked)
  const authenticator: Authenticator = {
    authenticate: (credential) => ready().authenticator.authenticate(credential),
    known: (credential) => made?.authenticator.known(credential) ?? false,
  }
  return {
    bound,
    perform,
    authenticator,
    feeds: Object.values(feeds).map(({ topic, permission }) => ({
      topic,
      permission,
      ...(topic.includes(':') ? { open: lateOpen(topic, ready) } : { source: lateFeed(topic, ready) }),
    })),
    ready,
    now: () => made,
    become(platform: Platform) {
      made = platform
    },
  }
}

function shownBy(bound: Bound, call: Parameters<NonNullable<Bound['shown']>>[0]) {
  if (bound.shown === undefined) throw new Error(`${bound.operation.name} says nothing of what it would do`)
  return bound.shown(call)
}

function feedOf(topic: string, platform: Platform): Platform['feeds'][number] {
  const found = platform.feeds.find((feed) => feed.topic === topic)
  if (found === undefined) throw new Error(`nothing feeds ${topic}`)
  return found
}

/** A pattern of topics, such as `functions.change/:table`. */
function lateOpen(topic: string, platform: () => Platform): OpenFeed {
  return async (actor, named) => {
    const feed = feedOf(topic, platform())
    if (!('open' in feed)) throw new Error(`${topic} has no names`)
    return feed.open(actor, named)
  }
}

function lateFeed(topic: string, platform: () => Platform): FeedSource {
  const source = () => {
    const feed = feedOf(topic, platform())
    if (!('source' in feed)) throw new Error(`${topic} has names`)
    return feed.source
  }
  return {
    head: (tenant) => source().head(tenant),
    snapshot: (tenant, at) => source().snapshot(tenant, at),
    since: (tenant, after, upTo) => source().since(tenant, after, upTo),
    follow: (tenant, after, signal) => source().follow(tenant, after, signal),
  }
}
