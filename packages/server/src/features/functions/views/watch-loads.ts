import type { LoadedApp } from '../loaded-app.ts'

const longest = 300

/** An app whose loading of functions is watched: those that could not be loaded are known with their reason. */
export function watchLoads(
  app: LoadedApp,
  redact: (text: string) => string,
): { readonly app: LoadedApp; broken(fn: string): string | null } {
  const reasons = new Map<string, string>()
  return {
    app: {
      ...app,
      async load(name) {
        try {
          const definition = await app.load(name)
          reasons.delete(name)
          return definition
        } catch (error) {
          const [line = ''] = (error instanceof Error ? error.message : 'it did not load').split('\n')
          reasons.set(name, redact(line).slice(0, longest))
          throw error
        }
      },
    },
    broken: (fn) => reasons.get(fn) ?? null,
  }
}
