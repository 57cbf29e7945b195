/** The known name that is fewest edits away from a wrong one, if it is near at all. */
export function nearest(wrong: string, known: readonly string[]): string | null {
  let best: string | null = null
  let least = Math.max(4, Math.floor(wrong.length / 3))
  for (const name of known) {
    const distance = edits(wrong, name)
    if (distance < least) {
      least = distance
      best = name
    }
  }
  return best
}

function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
