import { expect, test } from 'vitest'
import { type CheckpointSaver, sparingSaver, steadySaver } from './checkpoint-saver.ts'

/** The positions saved while 10 entries after another are folded, one tick of the clock each. */
async function saved(saver: CheckpointSaver, entries: number, tick: () => void, save: () => void) {
  const positions: number[] = []
  for (let position = 1; position <= entries; position += 1) {
    tick()
    if (!saver.due(position - 1, position)) continue
    await saver.run(async () => save())
    positions.push(position)
  }
  return positions
}

test('a steady saver saves at every multiple, also when it is stepped over', async () => {
  const saver = steadySaver(10)
  expect(
    await saved(
      saver,
      35,
      () => {},
      () => {},
    ),
  ).toEqual([10, 20, 30])
  expect(saver.due(8, 12)).toBe(true)
  expect(saver.due(10, 19)).toBe(false)
})

test('a sparing saver leaves out multiples until ten times its last save has passed', async () => {
  let now = 0
  const saver = sparingSaver(10, () => now)
  const positions = await saved(
    saver,
    105,
    () => (now += 1),
    () => (now += 3),
  )
  expect(positions).toEqual([10, 40, 70, 100])
  expect(saver.behind()).toBe(false)
  now += 5
  expect(saver.due(109, 110)).toBe(false)
  expect(saver.behind()).toBe(true)
})

test('a sparing saver whose saves cost nothing saves at every multiple', async () => {
  expect(
    await saved(
      sparingSaver(10, () => 7),
      35,
      () => {},
      () => {},
    ),
  ).toEqual([10, 20, 30])
})
