import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Manifest } from '@quarterdeck/sdk/functions/manifest'
import { BuildRefused } from './build-refused.ts'
import { bundleParts, type FailedModule, sourcesOf } from './bundle-parts.ts'
import { strangers } from './check-app.ts'
import { checkEvaluated } from './check-evaluated.ts'
import { digestManifest } from './digest-manifest.ts'
import { evaluateApp } from './evaluate-app.ts'
import { findAppFiles, isBreaking } from './find-app-files.ts'
import { sha256 } from './hash-modules.ts'
import { placeFiles } from './place-files.ts'
import { writeClient, writeClientTypes } from './write-client.ts'
import { builtOf, writeRoutes, writeServer } from './write-routes.ts'

export interface BuildResult {
  readonly manifest: Manifest
  /** Where it was written. */
  readonly out: string
  /** What does not keep it from running, each with its file. */
  readonly warnings: readonly string[]
}

/**
 * Builds an app: bundles it, evaluates it in a process without settings, and writes `out` whole or not at all. Two
 * folders with the same sources give the same bytes. Throws `BuildRefused` with everything that is wrong; a module of
 * functions that does not load is left out and told in the manifest.
 */
export async function buildApp(needs: {
  readonly folder: string
  readonly out: string
  /** For who develops the app: files carry maps to their sources, and a module that does not load refuses it all. */
  readonly developing?: boolean
}): Promise<BuildResult> {
  const maps = needs.developing === true
  const files = findAppFiles(needs.folder)
  const failed: FailedModule[] = []
  const first = await bundleParts(files, failed, maps)
  const evaluated = await evaluateApp(first.files, [
    { is: 'app', file: 'app.ts', built: 'server/app.js' },
    ...sourcesOf(files, failed).flatMap((file) => (file === 'app.ts' ? [] : [asked(file)])),
  ])
  const late = evaluated
    .filter(({ file }) => file.startsWith('functions/'))
    .filter((one) => one.is === 'failed')
  failed.push(...late)
  if (needs.developing && failed.length > 0)
    throw new BuildRefused(
      failed.map(({ file, message }) => (message.startsWith(file) ? message : `${file}: ${message}`)),
    )
  const { functions, tables, groups } = checkEvaluated(files, evaluated, first)
  // What does not load is not carried along.
  const bundle = late.length === 0 ? first : await bundleParts(files, failed, maps)
  const migrations = files.migrations.map(({ id, file }) => ({
    id,
    checksum: sha256(readFileSync(join(files.folder, file))),
    breaking: isBreaking(files.folder, file),
  }))
  const out = resolve(needs.out)
  const texts = new Map(bundle.files)
  texts.set('server/routes.js', writeRoutes({ functions, migrations: files.migrations }))
  texts.set('server.js', writeServer(files.tables !== null))
  texts.set('client/index.js', writeClient(functions))
  const types = { functions, tables: files.tables, folder: resolve(needs.folder), out: join(out, 'client') }
  texts.set('client/index.d.ts', writeClientTypes(types))
  texts.set('package.json', `${JSON.stringify({ private: true, type: 'module' })}\n`)
  const rest = {
    version: 1 as const,
    functions,
    tables,
    groups,
    migrations,
    files: Object.fromEntries([...texts].map(([path, text]) => [path, sha256(text)] as const).sort(byName)),
    failed: failed.map(({ file, message }) => ({ file, message })).sort((a, b) => (a.file < b.file ? -1 : 1)),
  }
  const manifest: Manifest = { digest: digestManifest(rest), ...rest }
  texts.set('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`)
  placeFiles(out, texts)
  const endpoints = new Set(functions.map(({ egroup }) => egroup))
  const warnings = [
    ...manifest.failed.map(
      ({ file, message }) => `${file}: does not load, and its functions are not there: ${message}`,
    ),
    ...strangers(groups, { tables: new Set(tables.map(({ name }) => name)), endpoints }),
  ]
  return { manifest, out, warnings }
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1)

function asked(file: string) {
  const is = file === 'tables.ts' ? 'tables' : file.startsWith('functions/') ? 'functions' : 'migration'
  return { is, file, built: `${builtOf(file)}.js` } as const
}
