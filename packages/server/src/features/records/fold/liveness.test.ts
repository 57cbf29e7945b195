import { expect, test } from 'vitest'
import { presentState } from './records-fold.ts'
import { liveness, minute, start, told } from './story.test-kit.ts'

const at = (minutes: number, ...entries: Parameters<typeof told>) => {
  const { actors, reclaimableActors } = presentState(told(...entries).state, start + minutes * 60_000)
  return { fresh: actors?.length, reclaimable: reclaimableActors?.length }
}

test('a claim is fresh up to its ttl, reclaimable for a day, then gone', () => {
  const claim = liveness(1, { at: 0, ttlSeconds: 600 })
  expect(at(10, claim)).toEqual({ fresh: 1, reclaimable: 0 })
  expect(at(11, claim)).toEqual({ fresh: 0, reclaimable: 1 })
  expect(at(24 * 60, claim)).toEqual({ fresh: 0, reclaimable: 1 })
  expect(at(24 * 60 + 1, claim)).toEqual({ fresh: 0, reclaimable: 0 })
})

test('the newest word of an actor on a subject counts', () => {
  const { state } = told(liveness(1, { at: 8, ttlSeconds: 60 }), liveness(2, { at: 3, ttlSeconds: 3_600 }))
  expect(presentState(state, start + 10 * 60_000)).toMatchObject({
    actors: [],
    reclaimableActors: [{ actor: 'ann', subjectId: 'run-7', at: minute(8), ttlSeconds: 60 }],
  })
  expect(at(1, liveness(1, { at: 0 }), liveness(2, { at: 0, actor: 'bob' }))).toEqual({
    fresh: 2,
    reclaimable: 0,
  })
})

test('at equal times the release wins, whichever came first', () => {
  const claim = { at: 5 }
  const release = { at: 5, type: 'release' }
  expect(at(6, liveness(1, claim), liveness(2, release))).toEqual({ fresh: 0, reclaimable: 0 })
  expect(at(6, liveness(1, release), liveness(2, claim))).toEqual({ fresh: 0, reclaimable: 0 })
})

test('a late heartbeat revives nothing', () => {
  const entries = [liveness(1, { at: 5, type: 'release' }), liveness(2, { at: 4, type: 'heartbeat' })]
  expect(at(6, ...entries)).toEqual({ fresh: 0, reclaimable: 0 })
  expect(at(8, ...entries, liveness(3, { at: 7 }))).toEqual({ fresh: 1, reclaimable: 0 })
})

test('a claim from more than five minutes ahead is never fresh', () => {
  expect(at(7, liveness(1, { at: 6, receivedAt: start }))).toEqual({ fresh: 0, reclaimable: 1 })
  expect(at(5, liveness(1, { at: 5, receivedAt: start }))).toEqual({ fresh: 1, reclaimable: 0 })
})
