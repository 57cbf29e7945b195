import { describe, expect, it } from 'vitest'
import { settled, standingClock } from '../runtime.test-kit.ts'
import { createPermitted } from './permitted.ts'

function start() {
  const clock = standingClock()
  const store = { bits: 7, asked: 0, fails: false, wait: async () => {} }
  const permitted = createPermitted({
    now: clock.now,
    tables: {
      async permissions(tenant) {
        store.asked += 1
        const bits = store.bits
        await store.wait()
        if (store.fails) throw new Error('away')
        return new Map([[tenant, bits]])
      },
    },
  })
  const bits = async () => (await permitted.of('t')).get('t')
  return { clock, store, permitted, bits }
}

describe('what tables permit', () => {
  it('is asked for once by all who come at the same moment, and then known', async () => {
    const { permitted, store, bits } = start()
    await Promise.all([bits(), bits()])
    expect(store.asked).toBe(1)
    expect(permitted.of('t')).not.toBeInstanceOf(Promise)
    expect(permitted.of('u')).toBeInstanceOf(Promise)
  })

  it('is renewed while it still serves, and never older than a second', async () => {
    const { permitted, store, clock, bits } = start()
    await bits()
    store.bits = 4
    clock.pass(399)
    expect(await bits()).toBe(7)
    expect(store.asked).toBe(1)
    clock.pass(1)
    expect(permitted.of('t')).not.toBeInstanceOf(Promise)
    await settled()
    expect(await bits()).toBe(4)
    expect(store.asked).toBe(2)
    store.bits = 0
    clock.pass(1_000)
    expect(permitted.of('t')).toBeInstanceOf(Promise)
    expect(await bits()).toBe(0)
  })

  it('is forgotten at once, also what is being asked for', async () => {
    const { permitted, store, bits } = start()
    let go = () => {}
    store.wait = () => new Promise<void>((resolve) => (go = resolve))
    const before = bits()
    store.bits = 0
    permitted.forget('t')
    go()
    store.wait = async () => {}
    await before
    expect(await bits()).toBe(0)
  })

  it('is read anew on demand, by as many as want to with two askings at once', async () => {
    const { permitted, store } = start()
    expect(permitted.heard('t').size).toBe(0)
    await permitted.read('t')
    store.bits = 4
    const read = await Promise.all(Array.from({ length: 5 }, () => permitted.read('t')))
    expect(read.map((one) => one.get('t'))).toEqual([4, 4, 4, 4, 4])
    expect(store.asked).toBe(3)
    expect(permitted.of('t')).toEqual(new Map([['t', 4]]))
    expect(permitted.heard('t').get('t')).toBe(4)
  })

  it('stays as it was last heard while it is renewed, or nobody can say', async () => {
    const { permitted, store, clock } = start()
    await permitted.read('t')
    store.bits = 0
    store.fails = true
    for (let n = 0; n < 5; n += 1) {
      clock.pass(400)
      expect(permitted.heard('t').get('t')).toBe(7)
      await settled()
    }
    store.fails = false
    expect(permitted.heard('t').get('t')).toBe(7)
    await settled()
    expect(permitted.heard('t').get('t')).toBe(0)
    permitted.forget('t')
    store.bits = 6
    expect(permitted.heard('t').get('t')).toBe(0)
    await settled()
    expect(permitted.heard('t').get('t')).toBe(6)
  })

  it('is not known while nobody can say, and asked for again', async () => {
    const { store, clock, bits } = start()
    await bits()
    store.fails = true
    clock.pass(600)
    expect(await bits()).toBe(7)
    clock.pass(400)
    await expect(bits()).rejects.toThrow('away')
    store.fails = false
    expect(await bits()).toBe(7)
  })
})
