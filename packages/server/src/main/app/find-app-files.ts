import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BuildRefused } from './build-refused.ts'

/** The sources of an app by their paths within its folder, in order. */
export interface AppFiles {
  /** The real path of the folder. */
  readonly folder: string
  /** `tables.ts`; null when the app has no tables. */
  readonly tables: string | null
  readonly functions: readonly string[]
  readonly migrations: readonly { readonly id: string; readonly file: string }[]
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true
const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
const isSource = (name: string) => name.endsWith('.ts') && !/\.(test|d)\.ts$/.test(name)

/** Whether a folder holds the sources of an app. */
export function isAppFolder(folder: string): boolean {
  return isFile(join(folder, 'app.ts'))
}

/** Finds the sources of an app: tests and declarations are none. Throws `BuildRefused`. */
export function findAppFiles(named: string): AppFiles {
  if (!isAppFolder(named)) throw new BuildRefused([`app.ts: there is none in ${named}`])
  const folder = realpathSync(named)
  const migrations = isFolder(join(folder, 'migrations'))
    ? readdirSync(join(folder, 'migrations')).filter(isSource).sort()
    : []
  const problems = misnamed(migrations)
  if (problems.length > 0) throw new BuildRefused(problems)
  return {
    folder,
    tables: isFile(join(folder, 'tables.ts')) ? 'tables.ts' : null,
    functions: isFolder(join(folder, 'functions')) ? sourcesUnder(folder, 'functions') : [],
    migrations: migrations.map((name) => ({ id: name.replace(/\.ts$/, ''), file: `migrations/${name}` })),
  }
}

/** Whether a migration says on its first line that it breaks what runs. */
export function isBreaking(folder: string, file: string): boolean {
  return /^\s*\/\/\s*breaking\b/.test(readFileSync(join(folder, file), 'utf8').split('\n', 1)[0] ?? '')
}

function sourcesUnder(folder: string, part: string): string[] {
  const found = readdirSync(join(folder, part), { withFileTypes: true }).flatMap((entry) => {
    const path = `${part}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesUnder(folder, path)
    return isSource(entry.name) ? [path] : []
  })
  return found.sort()
}

function misnamed(migrations: readonly string[]): string[] {
  const numbers = new Map<string, string>()
  return migrations.flatMap((name) => {
    const number = /^(\d{4})_[a-z0-9_]+\.ts$/.exec(name)?.[1]
    if (number === undefined) return [`migrations/${name}: a migration is named NNNN_words.ts`]
    const other = numbers.get(number)
    numbers.set(number, name)
    return other === undefined ? [] : [`migrations/${name}: migrations/${other} has the same number`]
  })
}
