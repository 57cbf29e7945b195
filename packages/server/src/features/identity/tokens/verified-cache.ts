import type { Finding } from './finding.ts'

/** Findings by the hash of what was verified: bounded, the least used going first. */
export interface VerifiedCache {
  /** A finding that still stands. */
  get(key: string): Finding | null
  /** Begins a lookup; what changes before it is kept makes its finding void. */
  begin(): Lookup
  /** Forgets whatever depends on these rows (`table/id`). */
  evict(rows: readonly string[]): void
  /** Forgets everything. */
  clear(): void
}

/** A lookup under way. One of the two ends it. */
export interface Lookup {
  keep(key: string, finding: Finding): void
  drop(): void
}

/** Makes an empty cache. */
export function createVerifiedCache(needs: {
  readonly now: () => number
  /** Findings at most. */
  readonly most?: number
}): VerifiedCache {
  const { now, most = 10_000 } = needs
  const findings = new Map<string, Finding>()
  const keysOf = new Map<string, Set<string>>()
  const lookups = new Set<{ readonly changed: Set<string>; cleared: boolean }>()

  function forget(key: string): void {
    const finding = findings.get(key)
    if (finding === undefined) return
    findings.delete(key)
    for (const row of finding.dependsOn) {
      const keys = keysOf.get(row)
      keys?.delete(key)
      if (keys?.size === 0) keysOf.delete(row)
    }
  }

  return {
    get(key) {
      const finding = findings.get(key)
      if (finding === undefined) return null
      if (finding.expiresAt <= now()) {
        forget(key)
        return null
      }
      // A map gives its entries in the order of their setting: the first is the one unused for longest.
      findings.delete(key)
      findings.set(key, finding)
      return finding
    },
    begin() {
      const lookup = { changed: new Set<string>(), cleared: false }
      lookups.add(lookup)
      return {
        keep(key, finding) {
          lookups.delete(lookup)
          if (lookup.cleared || finding.dependsOn.some((row) => lookup.changed.has(row))) return
          forget(key)
          findings.set(key, finding)
          for (const row of finding.dependsOn) {
            const keys = keysOf.get(row)
            if (keys === undefined) keysOf.set(row, new Set([key]))
            else keys.add(key)
          }
          const [oldest] = findings.keys()
          if (findings.size > most && oldest !== undefined) forget(oldest)
        },
        drop: () => void lookups.delete(lookup),
      }
    },
    evict(rows) {
      for (const row of rows) {
        for (const key of [...(keysOf.get(row) ?? [])]) forget(key)
        for (const { changed } of lookups) changed.add(row)
      }
    },
    clear() {
      findings.clear()
      keysOf.clear()
      for (const lookup of lookups) lookup.cleared = true
    },
  }
}
