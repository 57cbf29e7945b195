import { productFiles } from '../adapters/folder/product-files.ts'
import type { Config } from '../config/resolve.ts'
import type { SourceFiles } from '../features/telemetry/source-job.ts'

const descriptorName = 'console.telemetry.json'

/** Where a deployment's descriptors and record sources are: its descriptor paths, then its product roots. */
export function telemetryFiles(config: Config): { files: SourceFiles } {
  const roots = new Map(config.productRoots.map((root) => [root.id, root]))
  const files = productFiles({
    roots: config.productRoots.map(({ id, path }) => ({ id, path })),
    ...(config.overlay === null ? {} : { overlay: config.overlay.folder }),
  })
  return {
    files: {
      descriptors: config.descriptorPaths,
      // A product need not have one; only those that were named are missed.
      optional: [...roots.keys()].map((id) => `product:${id}:${descriptorName}`),
      read: files.readFile,
      find: files.findFiles,
      tenantOf(address) {
        const parts = address.split(':')
        const id = parts.length > 2 ? (parts[1] ?? '') : [...roots.keys()][0]
        return roots.get(id ?? '')?.tenant ?? config.tenant
      },
    },
  }
}
