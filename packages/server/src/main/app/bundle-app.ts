import { readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type Plugin, rolldown } from 'rolldown'
import { type BundledModule, sha256 } from './hash-modules.ts'
import { createModuleKey } from './module-key.ts'
import { resolveLibraries } from './resolve-libraries.ts'

export interface Bundle {
  /** The text of each built file, by its path in the output. */
  readonly files: ReadonlyMap<string, string>
  /** Every module that went in, by its absolute path. */
  readonly modules: ReadonlyMap<string, BundledModule>
  /** Modules of Node that were asked for, and by whom. */
  readonly builtins: readonly { readonly name: string; readonly by: string }[]
}

/**
 * Joins the sources of an app and all that they import into ES modules that need nothing beside them. `entries` maps
 * built paths without `.js` to sources within the folder. What it gives does not depend on where the folder lies.
 * Rejects with the first reason why it cannot, which names a file.
 */
export async function bundleApp(needs: {
  readonly folder: string
  readonly entries: Readonly<Record<string, string>>
  /** Whether each file carries a map to its sources. */
  readonly maps: boolean
}): Promise<Bundle> {
  const { folder, entries, maps } = needs
  const keyOf = createModuleKey(folder)
  const modules = new Map<string, BundledModule>()
  const builtins: { name: string; by: string }[] = []
  const note: Plugin = {
    name: 'quarterdeck-modules',
    generateBundle() {
      for (const id of this.getModuleIds()) {
        const info = this.getModuleInfo(id)
        if (info === null || !isAbsolute(id)) continue
        modules.set(id, {
          key: keyOf(id),
          content: sha256(readFileSync(id)),
          imports: [...info.importedIds, ...info.dynamicallyImportedIds],
        })
      }
    },
  }
  try {
    const build = await rolldown({
      cwd: folder,
      input: Object.fromEntries(Object.entries(entries).map(([built, file]) => [built, `./${file}`])),
      plugins: [
        resolveLibraries({ foundBuiltin: (name, by) => builtins.push({ name, by: keyOf(by) }) }),
        note,
      ],
      platform: 'neutral',
      resolve: { conditionNames: ['import', 'default'], mainFields: ['module', 'main'] },
      preserveEntrySignatures: 'strict',
      // Comments with the paths of modules would tell where the app was built.
      experimental: { attachDebugInfo: 'none' },
      tsconfig: false,
      logLevel: 'silent',
    })
    const { output } = await build.generate({
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'server/chunks/[name]-[hash].js',
      hashCharacters: 'hex',
      sourcemap: maps ? 'inline' : false,
    })
    await build.close()
    const files = output.flatMap((chunk) =>
      chunk.type === 'chunk' ? [[chunk.fileName, chunk.code] as const] : [],
    )
    return { files: new Map(files), modules, builtins }
  } catch (error) {
    throw new Error(reasonOf(error, keyOf))
  }
}

/** The first reason of a failed bundle, on one line, with the file as the app knows it. */
function reasonOf(error: unknown, keyOf: (path: string) => string): string {
  const listed =
    error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : []
  const first: unknown = listed[0] ?? error
  const text = first instanceof Error ? first.message : 'it cannot be bundled'
  const line =
    stripVTControlCharacters(text)
      .replace(/^\[\w+\] /, '')
      .split('\n', 1)[0] ?? ''
  const id = first instanceof Error && 'id' in first && typeof first.id === 'string' ? first.id : null
  const at = first instanceof Error && 'loc' in first ? lineOf(first.loc) : ''
  return id === null ? line : `${keyOf(id)}${at}: ${line}`
}

function lineOf(loc: unknown): string {
  const has = typeof loc === 'object' && loc !== null && 'line' in loc && typeof loc.line === 'number'
  return has ? `:${loc.line}` : ''
}
