import { fault } from '@quarterdeck/sdk/errors'
import type { CallerInfo } from '@quarterdeck/sdk/functions/context'
import type { Manifest, ManifestFunction } from '@quarterdeck/sdk/functions/manifest'

/** The bits that a caller's groups hold on an endpoint group. */
function grantedBits(groups: Manifest['groups'], caller: CallerInfo, egroup: string): number {
  let granted = 0
  for (const name of caller.groups) {
    const endpoints = Object.hasOwn(groups, name) ? groups[name]?.endpoints : undefined
    if (endpoints === undefined) continue
    granted |= bitsOf(endpoints, egroup) | bitsOf(endpoints, '*')
  }
  return granted
}

/** Whether a caller may call a function: in its group, and with all bits that it requires. */
export function mayCall(groups: Manifest['groups'], caller: CallerInfo, fn: ManifestFunction): boolean {
  if (fn.ugroup !== null && !caller.groups.includes(fn.ugroup)) return false
  // A gate looks; it never acts.
  if (caller.class === 'gate' && (fn.perm & 3) !== 0) return false
  return (grantedBits(groups, caller, fn.egroup) & fn.perm) === fn.perm
}

/** Throws `unauthenticated` for anonymous callers, `forbidden` for others, with one body whatever was missing. */
export function demandCall(groups: Manifest['groups'], caller: CallerInfo, fn: ManifestFunction): void {
  if (!mayCall(groups, caller, fn))
    throw fault(caller.class === 'anonymous' ? 'unauthenticated' : 'forbidden')
}

export function bitsOf(bits: Readonly<Record<string, number>>, name: string): number {
  return Object.hasOwn(bits, name) ? (bits[name] ?? 0) : 0
}
