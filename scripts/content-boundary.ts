import type { Overlay } from '../packages/server/src/config/overlay.ts'

/** What an overlay names that the base may not know: hosts, tenants, roots, and the literals it lists. */
export function literalsOf(overlay: Overlay, ours: string): string[] {
  const hosts = [overlay.origins?.public, ...(overlay.origins?.allowed ?? [])].flatMap((origin) =>
    origin !== undefined && URL.canParse(origin) ? [new URL(origin).host] : [],
  )
  const names = [
    ...(overlay.tenants ?? []).flatMap((tenant) => [tenant.id, tenant.label ?? '']),
    ...(overlay.productRoots ?? []).map((root) => root.id),
  ]
  const all = new Set([...hosts, ...names, ...(overlay.boundary?.literals ?? [])])
  const words = new Set(ours.split(/[^A-Za-z0-9_-]+/))
  // Words of our own contract and settings are no secret of a deployment.
  return [...all].filter((literal) => literal.length >= 4 && !words.has(literal))
}

/** Where whole words of a text are literals, by line from 1. */
export function findLiterals(text: string, literals: readonly string[]): { line: number; literal: string }[] {
  const hits: { line: number; literal: string }[] = []
  for (const [index, line] of text.split('\n').entries()) {
    for (const literal of literals) {
      const word = new RegExp(`(?<![\\w-])${literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'i')
      if (word.test(line)) hits.push({ line: index + 1, literal })
    }
  }
  return hits
}
