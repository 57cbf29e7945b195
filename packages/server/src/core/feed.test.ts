import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createHub, type FeedEvent, type FeedSource } from './feed.ts'

const said = (position: number): FeedEvent => ({ position, data: { n: position } })

/** A topic that a test tells things, with what the hub asked of it. */
function topic() {
  const events: FeedEvent[] = []
  const asked = { follow: [] as number[], head: 0, snapshot: 0, paused: 0 }
  let rouse = () => {}
  let broken: Error | null = null
  let ended = false
  let headFails = false
  let now = 0
  const source: FeedSource = {
    async head() {
      asked.head += 1
      if (headFails) throw new Error('the log is away')
      return events.at(-1)?.position ?? 0
    },
    async snapshot(_, at) {
      asked.snapshot += 1
      if (broken !== null) throw broken
      return { position: at, data: {} }
    },
    since: async (_, after) => events.filter(({ position }) => position > after),
    async *follow(_, after, signal) {
      asked.follow.push(after)
      let at = after
      while (!signal.aborted && !ended) {
        if (broken !== null) throw broken
        const next = events.find(({ position }) => position > at)
        if (next !== undefined) {
          at = next.position
          yield next
        } else
          await new Promise<void>((resolve) => {
            rouse = resolve
            signal.addEventListener('abort', () => resolve(), { once: true })
          })
      }
    },
  }
  const hub = createHub({
    source,
    tenant: 'home',
    now: () => now,
    async pause() {
      asked.paused += 1
      await turn()
    },
  })
  const stir = async () => {
    rouse()
    for (let n = 0; n < 10; n += 1) await turn()
  }
  return {
    hub,
    asked,
    async tell(...positions: number[]) {
      events.push(...positions.map(said))
      await stir()
    },
    async breakOff(error: Error | null) {
      broken = error
      await stir()
    },
    async end() {
      ended = true
      await stir()
    },
    failHead(fails: boolean) {
      headFails = fails
    },
    pass(ms: number) {
      now += ms
    },
  }
}

describe('a topic’s hub', () => {
  it('reads its source once for all readers, and tells each what comes behind its seat, in order', async () => {
    const { hub, asked, tell } = topic()
    await tell(1, 2)
    const heard: number[][] = [[], []]
    const first = await hub.join(({ position }) => heard[0]?.push(position))
    expect(first.position).toBe(2)
    await tell(3)
    const second = await hub.join(({ position }) => heard[1]?.push(position))
    expect(second.position).toBe(3)
    await tell(4, 5)
    expect(heard).toEqual([
      [3, 4, 5],
      [4, 5],
    ])
    expect(asked).toMatchObject({ follow: [2], head: 1 })
  })

  it('begins again where it was when its source breaks off: nothing twice, nothing left out', async () => {
    const { hub, asked, tell, breakOff } = topic()
    const heard: number[] = []
    await hub.join(({ position }) => heard.push(position))
    await tell(1, 2)
    await breakOff(new Error('the database is away'))
    await tell(3)
    await breakOff(null)
    await tell(4)
    expect(heard).toEqual([1, 2, 3, 4])
    expect(asked.paused).toBeGreaterThan(0)
    expect(new Set(asked.follow)).toEqual(new Set([0, 2]))
  })

  it('waits before it follows anew a source that ended by itself', async () => {
    const { hub, asked, end } = topic()
    await hub.join(() => undefined)
    await end()
    expect(asked.paused).toBeGreaterThan(0)
    expect(asked.follow.length).toBeLessThanOrEqual(asked.paused + 1)
  })

  it('stops following when the last reader has left, and begins at the head for the next', async () => {
    const { hub, asked, tell } = topic()
    const heard: number[] = []
    const one = await hub.join(() => undefined)
    const other = await hub.join(({ position }) => heard.push(position))
    one.leave()
    await tell(1)
    other.leave()
    await tell(2)
    expect(heard).toEqual([1])
    const next = await hub.join(({ position }) => heard.push(position))
    expect(next.position).toBe(2)
    await tell(3)
    expect(heard).toEqual([1, 3])
    expect(asked.follow).toEqual([0, 2])
  })

  it('goes on for a reader that sits down just as the last one leaves', async () => {
    const { hub, tell } = topic()
    const leaving = await hub.join(() => undefined)
    const heard: number[] = []
    const coming = hub.join(({ position }) => heard.push(position))
    leaving.leave()
    await coming
    await tell(1)
    expect(heard).toEqual([1])
  })

  it('tells whoever joins that the source is away, and is there again for the next', async () => {
    const { hub, failHead, tell } = topic()
    failHead(true)
    await expect(hub.join(() => undefined)).rejects.toThrow('away')
    failHead(false)
    const heard: number[] = []
    await hub.join(({ position }) => heard.push(position))
    await tell(1)
    expect(heard).toEqual([1])
  })

  it('shares a snapshot between those who come at the same moment and place, and never a failed one', async () => {
    const { hub, asked, breakOff, pass } = topic()
    const [one, other] = await Promise.all([hub.snapshot(3), hub.snapshot(3)])
    expect([one === other, asked.snapshot]).toEqual([true, 1])
    await hub.snapshot(4)
    pass(1_000)
    await hub.snapshot(4)
    expect(asked.snapshot).toBe(3)
    await breakOff(new Error('away'))
    await expect(hub.snapshot(5)).rejects.toThrow('away')
    await breakOff(null)
    expect(await hub.snapshot(5)).toMatchObject({ position: 5 })
  })
})
