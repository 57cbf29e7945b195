import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { StartRefused } from '../../config/problem.ts'
import type { Config } from '../../config/resolve.ts'
import type { LoadedApp } from '../../features/functions/loaded-app.ts'
import { isAppFolder } from './find-app-files.ts'
import { loadApp } from './load-app.ts'
import { readManifest } from './read-manifest.ts'

// Another process may run an older one, and load its functions as they are called.
const keptBuilds = 5
const setting = 'CONSOLE_APP'
const refused = (code: string, details: readonly string[]) =>
  new StartRefused(details.map((detail) => ({ code, setting, detail })))

/**
 * The app of a configuration; null without one. Sources are built first, in local mode; a hosted server takes built apps
 * alone. Throws `StartRefused`.
 */
export async function openApp(config: Pick<Config, 'app' | 'mode' | 'dataDir'>): Promise<LoadedApp | null> {
  if (config.app === null) return null
  if (existsSync(join(config.app, 'manifest.json'))) return loadApp(config.app)
  if (!isAppFolder(config.app))
    throw refused('app_invalid', [`${config.app} is no app: it has neither manifest.json nor app.ts`])
  if (config.mode === 'hosted')
    throw refused('app_invalid', [
      `${config.app} holds sources; a hosted server takes what quarterdeck build made`,
    ])
  return loadApp(await buildInto(config.app, resolve(config.dataDir, 'app')))
}

/** Whether a build stands there already: another process may be running it. */
function isWhole(folder: string): boolean {
  try {
    readManifest(folder)
    return true
  } catch {
    return false
  }
}

/** Builds sources into a folder that is named by their digest; answers it. */
async function buildInto(folder: string, builds: string): Promise<string> {
  // Loaded here, as what bundles is large and most servers have no need of it.
  const [{ buildApp }, { BuildRefused }] = await Promise.all([
    import('./build-app.ts'),
    import('./build-refused.ts'),
  ])
  const making = join(builds, `making-${process.pid}`)
  mkdirSync(builds, { recursive: true, mode: 0o700 })
  rmSync(making, { recursive: true, force: true })
  try {
    const { manifest } = await buildApp({ folder, out: making })
    const place = join(builds, manifest.digest.replace('sha256:', ''))
    if (isWhole(place)) rmSync(making, { recursive: true })
    else {
      rmSync(place, { recursive: true, force: true })
      renameSync(making, place)
    }
    utimesSync(place, new Date(), new Date())
    dropOld(builds)
    return place
  } catch (error) {
    if (error instanceof BuildRefused) throw refused('app_invalid', error.problems)
    throw error
  }
}

/** Leaves the builds that were used last. */
function dropOld(builds: string): void {
  const usedAt = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const paths = readdirSync(builds).map((name) => join(builds, name))
  for (const path of paths.sort((a, b) => usedAt(b) - usedAt(a)).slice(keptBuilds))
    rmSync(path, { recursive: true, force: true })
}
