import type { Actor } from '@quarterdeck/sdk/actor'
import { describe, expect, it } from 'vitest'
import type { Finding } from './finding.ts'
import { createVerifiedCache } from './verified-cache.ts'

const finding = (principal: string, rows: readonly string[], expiresAt = Infinity): Finding => {
  const actor: Actor = { tenant: 't', principal, class: 'service', permissions: [], credential: principal }
  return { actor, expiresAt, dependsOn: rows, holder: { by: 'credential', id: principal } }
}

describe('what was verified', () => {
  const clock = { at: 0 }
  const cache = (most = 10) => createVerifiedCache({ now: () => clock.at, most })

  it('is known until it ends', () => {
    const known = cache()
    known.begin().keep('a', finding('a', [], 1_000))
    expect(known.get('a')?.actor.principal).toBe('a')
    clock.at = 1_000
    expect(known.get('a')).toBeNull()
  })

  it('is forgotten once one of its rows changes, and nothing else is', () => {
    const known = cache()
    known.begin().keep('a', finding('a', ['credentials/1', 'operators/1']))
    known.begin().keep('b', finding('b', ['credentials/2']))
    known.evict(['operators/1', 'operators/9'])
    expect(known.get('a')).toBeNull()
    expect(known.get('b')).not.toBeNull()
  })

  it('is not kept when a row changed while it was looked up', () => {
    const known = cache()
    const lookup = known.begin()
    const other = known.begin()
    known.evict(['credentials/1'])
    lookup.keep('a', finding('a', ['credentials/1']))
    other.keep('b', finding('b', ['credentials/2']))
    expect(known.get('a')).toBeNull()
    expect(known.get('b')).not.toBeNull()
  })

  it('is bounded: what was unused for longest goes first', () => {
    const known = cache(2)
    known.begin().keep('a', finding('a', ['credentials/1']))
    known.begin().keep('b', finding('b', ['credentials/1']))
    known.get('a')
    known.begin().keep('c', finding('c', ['credentials/1']))
    expect(['a', 'b', 'c'].map((key) => known.get(key) !== null)).toEqual([true, false, true])
    known.evict(['credentials/1'])
    expect(['a', 'b', 'c'].map((key) => known.get(key))).toEqual([null, null, null])
  })
})
