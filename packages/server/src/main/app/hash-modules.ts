import { createHash } from 'node:crypto'

/** A module as it was bundled. */
export interface BundledModule {
  /** What it is called wherever the app lies. */
  readonly key: string
  /** SHA-256 of its source, hex. */
  readonly content: string
  /** Ids of what it imports, statically or when it runs. */
  readonly imports: readonly string[]
}

export const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')

/** SHA-256 over a module and everything that it imports, in hex: equal wherever the app lies. */
export function hashWithImports(modules: ReadonlyMap<string, BundledModule>, entry: string): string {
  if (!modules.has(entry)) throw new Error(`${entry} was not bundled`)
  const reached = new Set<string>()
  const open = [entry]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const module = modules.get(id)
    if (module === undefined || reached.has(id)) continue
    reached.add(id)
    open.push(...module.imports)
  }
  const lines = [...reached].map((id) => {
    const module = modules.get(id)
    return `${module?.key} ${module?.content}`
  })
  // The entry stands first: two modules of one cycle are not one function.
  return sha256([modules.get(entry)?.key, ...lines.sort()].join('\n'))
}
