import { describe, expect, it } from 'vitest'
import { memoryKeep } from '../../adapters/memory/keep.ts'
import { createAddressLimits } from './address-limits.ts'
import { createClassLimits } from './class-limits.ts'
import { createLimiter } from './limiter.ts'

const perMinute = (count: number) => [{ count, windowMs: 60_000 }]
const who = { tenant: 'acme', class: 'service', principal: 'ada' }

function stand(enabled = true) {
  const counted: Record<string, number> = {}
  const meter = {
    add(name: string, labels: Readonly<Record<string, string>>) {
      const line = `${name} ${labels.class} ${labels.outcome}`
      counted[line] = (counted[line] ?? 0) + 1
    },
    observe() {},
    set() {},
  }
  const now = () => 1_700_000_000_000
  const keep = memoryKeep({ now })
  const limiter = createLimiter({ keep, now, strategy: 'moving-window', whenLost: 'closed', meter })
  const classes = createClassLimits({
    limiter,
    enabled,
    limits: { chat: perMinute(2), ingest: perMinute(20), default: perMinute(5) },
    tiers: { gold: { chat: perMinute(4) } },
    meter,
  })
  return { counted, classes, addresses: createAddressLimits({ limiter, meter }) }
}

describe('the limits of the classes', () => {
  it('are counted by tenant, principal and class', async () => {
    const { classes, counted } = stand()
    for (const remaining of [1, 0]) expect(await classes.take(who, 'chat')).toMatchObject({ remaining })
    expect(await classes.take(who, 'chat')).toMatchObject({ admitted: false })
    for (const other of [
      { ...who, tenant: 'other' },
      { ...who, principal: 'bob' },
      { ...who, class: 'user' },
      { tenant: 'acme","service","ada', class: '', principal: '' },
    ])
      expect(await classes.take(other, 'chat')).toMatchObject({ remaining: 1 })
    expect(await classes.take(who, 'default', 3)).toMatchObject({ remaining: 2 })
    expect(counted).toEqual({
      'limit_total chat admitted': 6,
      'limit_total chat refused': 1,
      'limit_total default admitted': 1,
    })
  })

  it('are those of the tier where it has some, else of the class', async () => {
    const { classes } = stand()
    const gold = { ...who, tier: 'gold' }
    expect(await classes.take(gold, 'chat')).toMatchObject({ remaining: 3, limit: { count: 4 } })
    expect(await classes.take(gold, 'default')).toMatchObject({ limit: { count: 5 } })
    for (const tier of ['silver', '__proto__', 'constructor', undefined])
      expect(await classes.take({ ...who, tier }, 'chat')).toMatchObject({ limit: { count: 2 } })
  })

  it('are none when they are switched off', async () => {
    const { classes, counted } = stand(false)
    for (let n = 0; n < 10; n += 1) expect(await classes.take(who, 'chat')).toBeNull()
    expect(counted).toEqual({})
  })
})

describe('the limits of addresses', () => {
  it('let 60 requests a minute pass without a credential, those of one /64 together', async () => {
    const { addresses } = stand()
    const verdicts = await Promise.all(
      Array.from({ length: 61 }, (_, n) => addresses.anonymous(`2001:db8::${n}`)),
    )
    expect(verdicts.filter(({ admitted }) => admitted)).toHaveLength(60)
    expect(await addresses.anonymous('2001:db8:0:1::1')).toMatchObject({ remaining: 59 })
  })

  it('block an address after 20 failed credentials, and no other', async () => {
    const { addresses, counted } = stand()
    for (let n = 0; n < 20; n += 1) {
      expect((await addresses.blocked('192.0.2.1')).admitted).toBe(true)
      await addresses.failed('::ffff:192.0.2.1')
    }
    expect(await addresses.blocked('192.0.2.1')).toMatchObject({ admitted: false, retryAfterSeconds: 60 })
    expect((await addresses.failed('192.0.2.1')).admitted).toBe(false)
    expect((await addresses.blocked('192.0.2.2')).admitted).toBe(true)
    expect((await addresses.anonymous('192.0.2.1')).admitted).toBe(true)
    expect(counted['limit_total credentials refused']).toBe(2)
  })
})
