/** What one stream of sequence numbers has shown: its bounds, and the ranges between them that never came. */
export interface SequenceTrack {
  first: number
  last: number
  /** Ascending, both ends included. */
  gaps: { from: number; to: number }[]
}

const kept = 1_000

/** Takes in one sequence number. The first one seen is where the stream begins. */
export function noteSequence(track: SequenceTrack | undefined, sequence: number): SequenceTrack {
  if (track === undefined) return { first: sequence, last: sequence, gaps: [] }
  if (sequence > track.last) {
    if (sequence > track.last + 1) track.gaps.push({ from: track.last + 1, to: sequence - 1 })
    if (track.gaps.length > kept) track.gaps.shift()
    track.last = sequence
  } else if (sequence < track.first) {
    if (sequence < track.first - 1) track.gaps.unshift({ from: sequence + 1, to: track.first - 1 })
    if (track.gaps.length > kept) track.gaps.shift()
    track.first = sequence
  } else if (track.gaps.length > 0) fill(track, sequence)
  return track
}

function fill(track: SequenceTrack, sequence: number): void {
  const index = track.gaps.findLastIndex((gap) => gap.from <= sequence && sequence <= gap.to)
  const gap = track.gaps[index]
  if (gap === undefined) return
  const parts = [
    { from: gap.from, to: sequence - 1 },
    { from: sequence + 1, to: gap.to },
  ].filter(({ from, to }) => from <= to)
  track.gaps.splice(index, 1, ...parts)
}
