import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LogDamaged, type Stored } from '../../ports/log.ts'
import { readLine } from './line.ts'

/** A file of a tenant's log: named by the first position in it. */
export interface Segment {
  readonly path: string
  readonly first: number
  readonly bytes: number
}

/** The path of the segment that begins with a position. */
export function segmentPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(16, '0')}.jsonl`)
}

/** A tenant's segments, oldest first. */
export async function listSegments(folder: string): Promise<Segment[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{16}\.jsonl$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return { path, first: Number(name.slice(0, 16)), bytes: (await stat(path)).size }
    }),
  )
}

/**
 * The entries of a segment and how many of its bytes hold whole lines. What follows them is a torn tail: a write that
 * never came to its end, and so was never acknowledged. A bad line with good ones behind it is damage, and throws.
 */
export async function readSegment(
  tenant: string,
  segment: Segment,
): Promise<{ entries: Stored[]; whole: number; torn: number }> {
  const text = await readFile(segment.path, 'utf8')
  const lines = text.split('\n')
  const entries: Stored[] = []
  let whole = 0
  let bad = -1
  for (const [index, line] of lines.entries()) {
    // Behind the last newline there is nothing, or the beginning of a line that was never finished.
    const finished = index < lines.length - 1
    const entry = finished ? readLine(tenant, line) : null
    if (entry === null) {
      if (bad < 0 && line !== '') bad = index
      continue
    }
    if (bad >= 0) throw new LogDamaged(`line ${bad + 1} of ${segment.path} is damaged`)
    if (entry.position < segment.first || entry.position <= (entries.at(-1)?.position ?? 0)) {
      throw new LogDamaged(`line ${index + 1} of ${segment.path} is out of order`)
    }
    entries.push(entry)
    whole += Buffer.byteLength(line) + 1
  }
  return { entries, whole, torn: segment.bytes - whole }
}
