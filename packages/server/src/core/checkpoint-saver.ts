/** Decides after which entries a fold is saved. Its clock is only asked where a save could be due. */
export interface CheckpointSaver {
  /** Whether a fold that came from one position to the next is to be saved there. */
  due(before: number, after: number): boolean
  /** Runs a save that is due. */
  run(save: () => Promise<void>): Promise<void>
  /** Whether a save was left out since the last one. */
  behind(): boolean
}

/** Of the time that catching up takes, saving may take one part in so many. */
const share = 10

/** Saves at each multiple of `every`, so that all processes save the same states. */
export function steadySaver(every: number): CheckpointSaver {
  return {
    due: (before, after) => Math.floor(after / every) > Math.floor(before / every),
    run: (save) => save(),
    behind: () => false,
  }
}

/**
 * Saves at those multiples of `every` by which the fold has run ten times as long as the last save took. A fold that
 * catches up from far is hardly slowed by its saves, and one that is killed then has little to do again.
 */
export function sparingSaver(every: number, now: () => number): CheckpointSaver {
  const steady = steadySaver(every)
  let rested = now()
  let cost = 0
  let behind = false
  return {
    due(before, after) {
      if (!steady.due(before, after)) return false
      behind = now() - rested < cost * share
      return !behind
    },
    async run(save) {
      const started = now()
      await save()
      rested = now()
      cost = rested - started
      behind = false
    },
    behind: () => behind,
  }
}
