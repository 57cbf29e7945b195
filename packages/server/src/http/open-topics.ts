import type { Actor } from '@quarterdeck/sdk/actor'
import type { FeedSource } from '../core/feed.ts'
import { mayUse } from '../core/gate.ts'
import type { AskedTopic } from './stream-request.ts'

/** A topic of one stream, ready to be read. */
export interface OpenTopic {
  /** As its reader asked for it; events carry it. */
  readonly topic: string
  /** The topic, or its pattern, as metrics name it. */
  readonly label: string
  /** Readers with equal keys are told the same. */
  readonly key: string
  readonly source: FeedSource
  /** It begins with the present at every join, and each of its events is whole. */
  readonly whole: boolean
  /** Whether this actor may go on reading. */
  may(actor: Actor): boolean
}

/** Opens what a reader asked for; rejects with why one of them cannot be read by this actor. */
export function openTopics(asked: readonly AskedTopic[], actor: Actor): Promise<OpenTopic[]> {
  return Promise.all(asked.map((one) => openTopic(one, actor)))
}

async function openTopic(asked: AskedTopic, actor: Actor): Promise<OpenTopic> {
  const { topic, feed } = asked
  const label = feed.topic
  const mayOpen = (now: Actor) => mayUse(now, feed.permission)
  if (!('named' in asked)) {
    const key = JSON.stringify([actor.tenant, label])
    return { topic, label, key, source: asked.feed.source, whole: false, may: mayOpen }
  }
  const opened = await asked.feed.open(actor, asked.named)
  return {
    topic,
    label,
    key: JSON.stringify([actor.tenant, label, opened.key]),
    source: opened.source,
    whole: opened.whole,
    may: (now) => mayOpen(now) && opened.may(now),
  }
}
