import type { Manifest } from '@quarterdeck/sdk/functions/manifest'
import { BuildRefused } from './build-refused.ts'
import { type Bundle, bundleApp } from './bundle-app.ts'
import type { AppFiles } from './find-app-files.ts'
import { builtOf } from './write-routes.ts'

/** A module of functions that does not load, and why. */
export type FailedModule = Manifest['failed'][number]

/** The sources that are built, in order, without those that failed. */
export function sourcesOf(files: AppFiles, failed: readonly FailedModule[]): string[] {
  const gone = new Set(failed.map(({ file }) => file))
  return [
    'app.ts',
    ...(files.tables === null ? [] : [files.tables]),
    ...files.functions.filter((file) => !gone.has(file)),
    ...files.migrations.map(({ file }) => file),
  ]
}

const entriesOf = (sources: readonly string[]) =>
  Object.fromEntries(sources.map((file) => [builtOf(file), file]))

/** The bundle of all sources. Modules of functions that cannot be bundled are added to `failed`. */
export async function bundleParts(files: AppFiles, failed: FailedModule[], maps: boolean): Promise<Bundle> {
  const sources = sourcesOf(files, failed)
  const bundle = (some: readonly string[]) =>
    bundleApp({ folder: files.folder, entries: entriesOf(some), maps })
  try {
    return await bundle(sources)
  } catch {
    const problems: string[] = []
    for (const file of sources) {
      const why = await bundle([file]).then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : 'cannot be bundled'),
      )
      if (why === null) continue
      if (file.startsWith('functions/')) failed.push({ file, message: why })
      else problems.push(why.startsWith(file) ? why : `${file}: ${why}`)
    }
    if (problems.length > 0) throw new BuildRefused(problems)
    return bundle(sourcesOf(files, failed))
  }
}
