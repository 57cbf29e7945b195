import { canonical } from '@quarterdeck/sdk/digest'
import type { Manifest } from '@quarterdeck/sdk/functions/manifest'
import { sha256 } from './hash-modules.ts'

/** The one digest of an app: `sha256:` over all that its manifest says, the hashes of its files included. */
export function digestManifest(manifest: Omit<Manifest, 'digest'>): string {
  const { digest: _, ...rest } = manifest as Manifest
  return `sha256:${sha256(canonical(rest))}`
}
