import type { Actor } from '@quarterdeck/sdk/actor'
import type { Ingest } from '../../core/ingest.ts'
import type { Keep } from '../../ports/keep.ts'
import { type LoadedDescriptors, loadDescriptors, noDescriptors, type ReadFile } from './descriptors.ts'
import { type FindFiles, recordsOfSource } from './sources.ts'

/** The product files of a deployment, read by address. */
export interface SourceFiles {
  /** Addresses of descriptors, in the order they are read. */
  readonly descriptors: readonly string[]
  /** Addresses where there may be one. */
  readonly optional: readonly string[]
  readonly read: ReadFile
  readonly find: FindFiles
  /** The tenant that the files behind an address belong to. */
  readonly tenantOf: (address: string) => string
}

const leaseMs = 120_000
const batch = 1_000

/** Reads descriptors and their record sources once a minute; of several processes one appends. */
export function createSources(needs: {
  readonly files: SourceFiles
  readonly keep: Keep
  readonly ingest: Ingest
  readonly randomId: () => string
  /** HMAC under the log key. */
  readonly mac: (text: string) => string
}) {
  const { files, keep, ingest } = needs
  const holder = needs.randomId()
  let loaded: LoadedDescriptors = noDescriptors
  let warnings: string[] = []
  let lease: Awaited<ReturnType<Keep['lease']>> = null

  async function holds(): Promise<boolean> {
    if (lease !== null && (await lease.renew(leaseMs))) return true
    lease = await keep.lease('telemetry-sources', holder, leaseMs)
    return lease !== null
  }

  return {
    /** What was read last; the warnings of sources stand among what was dropped. */
    descriptors(): LoadedDescriptors {
      const dropped = [...loaded.shown.dropped, ...warnings.map((reason) => ({ path: 'source', reason }))]
      return { ...loaded, shown: { ...loaded.shown, dropped } }
    },
    async run(): Promise<void> {
      loaded = await loadDescriptors(
        [...files.descriptors, ...files.optional],
        files.read,
        new Set(files.optional),
      )
      if (loaded.recordSources.length === 0 || !(await holds())) return
      const found: string[] = []
      for (const source of loaded.recordSources) {
        const { records, warnings: mine } = await recordsOfSource(source, files.find, needs.mac)
        found.push(...mine)
        const actor = reader(files.tenantOf(source.root))
        for (let from = 0; from < records.length; from += batch)
          await ingest(actor, records.slice(from, from + batch))
      }
      warnings = found.slice(0, 100)
    },
    async stop(): Promise<void> {
      await lease?.release()
    },
  }
}

/** The platform itself, reading the files of a tenant's products. */
function reader(tenant: string): Actor {
  return {
    tenant,
    principal: 'platform',
    class: 'service',
    permissions: ['telemetry:write'],
    credential: 'platform',
  }
}
