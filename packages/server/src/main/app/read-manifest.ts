import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Manifest } from '@quarterdeck/sdk/functions/manifest'
import { type StartProblem, StartRefused } from '../../config/problem.ts'
import { digestManifest } from './digest-manifest.ts'
import { sha256 } from './hash-modules.ts'
import { builtOf } from './write-routes.ts'

const setting = 'CONSOLE_APP'
const invalid = (detail: string) => new StartRefused([{ code: 'app_invalid', setting, detail }])

/**
 * The manifest of a built app whose files are what it says. Throws `StartRefused`: `app_invalid` for what is no build of
 * this version, `app_changed` for each file that is missing or other than it was built.
 */
export function readManifest(folder: string): Manifest {
  const path = join(folder, 'manifest.json')
  if (!existsSync(path)) throw invalid(`${folder} holds no manifest.json; run quarterdeck build`)
  const manifest = parse(readFileSync(path, 'utf8'))
  if (manifest === null)
    throw invalid(`the manifest.json of ${folder} is none that this build reads; run quarterdeck build`)
  const problems = Object.entries(manifest.files).flatMap(([file, hash]): StartProblem[] => {
    const why = difference(join(folder, file), hash)
    return why === null ? [] : [{ code: 'app_changed', setting, detail: `${file} of the app ${why}` }]
  })
  if (digestManifest(manifest) !== manifest.digest)
    problems.unshift({
      code: 'app_changed',
      setting,
      detail: 'manifest.json of the app was changed since the build',
    })
  if (problems.length > 0) throw new StartRefused(problems)
  return manifest
}

/** Whether the built file of a source is as it was when the app was taken in, and no other build has replaced it. */
export function isStill(folder: string, manifest: Manifest, source: string): boolean {
  const file = `${builtOf(source)}.js`
  try {
    const now = parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    return (
      now?.digest === manifest.digest && difference(join(folder, file), manifest.files[file] ?? '') === null
    )
  } catch {
    return false
  }
}

function parse(text: string): Manifest | null {
  try {
    const parsed = Manifest.safeParse(JSON.parse(text))
    const within = (file: string) => !file.startsWith('/') && !file.split('/').includes('..')
    return parsed.success && Object.keys(parsed.data.files).every(within) ? parsed.data : null
  } catch {
    return null
  }
}

function difference(path: string, hash: string): string | null {
  try {
    return sha256(readFileSync(path)) === hash ? null : 'was changed since the build'
  } catch {
    return 'is missing'
  }
}
