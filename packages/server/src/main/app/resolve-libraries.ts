import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'rolldown'

const here = fileURLToPath(import.meta.url)

/**
 * Finds what an app imports: its own packages first, and the SDK and zod of this build where it has none. What only Node
 * has is noted with who asked for it, as functions run elsewhere too.
 */
export function resolveLibraries(needs: {
  readonly foundBuiltin: (name: string, importer: string) => void
}): Plugin {
  return {
    name: 'quarterdeck-libraries',
    async resolveId(source, importer, options) {
      if (importer === undefined || source.startsWith('\0')) return null
      const asked = { ...options, skipSelf: true }
      const found = source.startsWith('node:') ? null : await this.resolve(source, importer, asked)
      if (found !== null && !isBuiltin(found.id)) return found
      if (isBuiltin(source)) {
        needs.foundBuiltin(source, importer)
        return { id: source, external: true }
      }
      if (/^(zod|@quarterdeck\/sdk)(\/|$)/.test(source)) {
        const ours = await this.resolve(source, here, asked)
        if (ours !== null) return ours
      }
      return this.error({ message: `${source} cannot be found`, id: importer })
    },
  }
}
