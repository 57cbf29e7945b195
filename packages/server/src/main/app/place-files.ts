import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BuildRefused } from './build-refused.ts'

/** Whether a folder may be written anew: it is not there, is empty, or holds a build. */
function mayReplace(folder: string): boolean {
  if (!existsSync(folder)) return true
  return existsSync(join(folder, 'manifest.json')) || readdirSync(folder).length === 0
}

/** Writes a folder of files whole: it changes places with what was there before. Throws `BuildRefused`. */
export function placeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  if (!mayReplace(folder))
    throw new BuildRefused([`${folder}: holds what is no build, and would be lost; name another folder`])
  const made = `${folder}.${process.pid}.new`
  const before = `${folder}.${process.pid}.old`
  rmSync(made, { recursive: true, force: true })
  for (const [path, text] of files) {
    mkdirSync(dirname(join(made, path)), { recursive: true })
    writeFileSync(join(made, path), text)
  }
  if (existsSync(folder)) renameSync(folder, before)
  renameSync(made, folder)
  rmSync(before, { recursive: true, force: true })
}
