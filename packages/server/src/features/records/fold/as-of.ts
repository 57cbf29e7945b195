/** Events by id. They are only listed as they come, and looked up by hash once a projection asks. */
export interface EventIds {
  readonly ids: string[]
  readonly positions: number[]
  readonly known: Map<string, number>
}

/** Enough of the past events to say as of which position a projection stands. */
export interface AsOfIndex {
  /** The newest events, in two generations, so that forgetting costs nothing. */
  young: EventIds
  old: EventIds
  /** Rising positions whose events no later position undercuts in time, and those times. */
  positions: number[]
  times: number[]
}

const generation = 50_000
const steps = 8_192

export function emptyAsOf(): AsOfIndex {
  return { young: eventIds([], []), old: eventIds([], []), positions: [], times: [] }
}

/** A generation of events, from its lists. */
export function eventIds(ids: string[], positions: number[]): EventIds {
  return { ids, positions, known: new Map() }
}

/** Takes in one event. Amortized constant. */
export function noteEvent(index: AsOfIndex, id: string, position: number, occurredAt: number): void {
  if (index.young.ids.length >= generation) {
    index.old = index.young
    index.young = eventIds([], [])
  }
  index.young.ids.push(id)
  index.young.positions.push(position)
  const { times, positions } = index
  while (times.length > 0 && (times[times.length - 1] as number) >= occurredAt) {
    times.pop()
    positions.pop()
  }
  times.push(occurredAt)
  positions.push(position)
  if (times.length > steps) thin(index)
}

/** The farther back, the coarser: of the older half every second step goes, so an answer errs only to the earlier. */
function thin(index: AsOfIndex): void {
  const half = index.times.length >> 1
  const keep = (_: number, at: number) => at >= half || at % 2 === 0
  index.times = index.times.filter(keep)
  index.positions = index.positions.filter(keep)
}

/** Position of an event by its id, if it is among the newest. */
export function positionOfEvent(index: AsOfIndex, id: string): number | undefined {
  return lookUp(index.young, id) ?? lookUp(index.old, id)
}

function lookUp({ ids, positions, known }: EventIds, id: string): number | undefined {
  for (let at = known.size; at < ids.length; at += 1) known.set(ids[at] as string, positions[at] as number)
  return known.get(id)
}

/** The last position whose event happened by an instant; 0 if none did. */
export function positionUpTo(index: AsOfIndex, instant: number): number {
  let low = 0
  let high = index.times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((index.times[middle] as number) <= instant) low = middle + 1
    else high = middle
  }
  return index.positions[low - 1] ?? 0
}
