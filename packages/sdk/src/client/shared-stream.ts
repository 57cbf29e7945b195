import type { Fault } from '../errors.ts'
import type { Stream } from './stream.ts'
import type { StreamStatus } from './stream-event.ts'

/** What is told of a topic: its events, whether it is live, and why it ended if nothing brings it back. */
export interface Follower<Event> {
  onEvent(event: Event): void
  onStatus(status: StreamStatus): void
  onEnd(fault: Fault): void
}

/** Opens a stream of topics; `onEnd` is null when it was closed from here. */
export type OpenTopics<Name extends string, Event> = (
  topics: readonly Name[],
  told: {
    readonly onEvent: (topic: Name, event: Event) => void
    readonly onStatus: (status: StreamStatus) => void
    readonly onEnd: (fault: Fault | null) => void
  },
) => Stream

interface Topic<Name, Event> {
  readonly name: Name
  readonly followers: Set<Follower<Event>>
  last: Event | null
}

interface Group<Name, Event> {
  readonly topics: Map<Name, Topic<Name, Event>>
  /** Its topics will not share a stream again: one of them was refused with others. */
  readonly apart: boolean
  stream: Stream | null
  status: StreamStatus
  changed: boolean
}

/** Topics that the server takes in one stream. */
const mostTopics = 20
const ofCredential = new Set(['unauthenticated', 'credential_expired', 'credential_revoked'])

/**
 * Follows topics whose every event is whole, many over one connection: browsers allow a page only a few. Topics that come
 * and go within one turn are one change of it; a newcomer to a topic that is followed gets its last event at once.
 */
export function createSharedStream<Name extends string, Event>(open: OpenTopics<Name, Event>) {
  let groups: Group<Name, Event>[] = []
  let planned = false

  function plan(group: Group<Name, Event>): void {
    group.changed = true
    if (planned) return
    planned = true
    queueMicrotask(() => {
      planned = false
      groups = groups.filter((one) => one.topics.size > 0 || close(one))
      for (const one of groups) if (one.changed) reopen(one)
    })
  }

  function close(group: Group<Name, Event>): false {
    group.stream?.close()
    group.stream = null
    return false
  }

  function reopen(group: Group<Name, Event>): void {
    close(group)
    group.changed = false
    // Going over to other topics is no loss of the feed until it lasts.
    let calm = group.status === 'live'
    const mine: Stream = open([...group.topics.keys()], {
      onEvent(name, event) {
        const topic = group.topics.get(name)
        if (topic === undefined) return
        topic.last = event
        for (const follower of topic.followers) follower.onEvent(event)
      },
      onStatus(status) {
        if (status === 'connecting' && calm) return
        calm = false
        if (status === 'closed' || (group.stream !== null && group.stream !== mine)) return
        group.status = status
        for (const each of followersOf(group)) each.onStatus(status)
      },
      onEnd(fault) {
        if (fault !== null && group.stream === mine) end(group, fault)
      },
    })
    group.stream = mine
  }

  function end(group: Group<Name, Event>, fault: Fault): void {
    groups = groups.filter((one) => one !== group)
    if (group.topics.size > 1 && !ofCredential.has(fault.code)) {
      for (const topic of group.topics.values()) plan(begin(topic, true))
      return
    }
    for (const follower of followersOf(group)) {
      follower.onEnd(fault)
      follower.onStatus('closed')
    }
    group.topics.clear()
  }

  function begin(topic: Topic<Name, Event>, apart: boolean): Group<Name, Event> {
    const group: Group<Name, Event> = {
      topics: new Map([[topic.name, topic]]),
      apart,
      stream: null,
      status: 'connecting',
      changed: true,
    }
    groups.push(group)
    return group
  }

  function place(name: Name): { group: Group<Name, Event>; topic: Topic<Name, Event> } {
    const there = groups.find((group) => group.topics.has(name))
    if (there !== undefined) return { group: there, topic: there.topics.get(name) as Topic<Name, Event> }
    const topic: Topic<Name, Event> = { name, followers: new Set(), last: null }
    const roomy = groups.find((group) => !group.apart && group.topics.size < mostTopics)
    const group = roomy ?? begin(topic, false)
    group.topics.set(name, topic)
    plan(group)
    return { group, topic }
  }

  /** Follows a topic until the function that it gives is called. */
  return function follow(name: Name, follower: Follower<Event>): () => void {
    const { group, topic } = place(name)
    topic.followers.add(follower)
    queueMicrotask(() => {
      if (!topic.followers.has(follower)) return
      follower.onStatus(group.status)
      if (topic.last !== null) follower.onEvent(topic.last)
    })
    return () => {
      topic.followers.delete(follower)
      if (topic.followers.size > 0) return
      // By then it may have moved to a group of its own.
      const home = groups.find((one) => one.topics.get(name) === topic)
      if (home === undefined) return
      home.topics.delete(name)
      plan(home)
    }
  }
}

function followersOf<Name, Event>(group: Group<Name, Event>): Follower<Event>[] {
  return [...group.topics.values()].flatMap(({ followers }) => [...followers])
}
