import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A migration as its file says it. The version is the file's name without `.sql`, the checksum SHA-256 in hex. */
export interface MigrationFile {
  readonly version: string
  readonly checksum: string
  /** Whether the header says `-- breaking`: older code cannot work with what it leaves. */
  readonly breaking: boolean
  readonly text: string
}

/** Why a migration is refused; `version` names the file. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused'
  readonly code: 'migration_edited' | 'not_transactional' | 'misnamed'
  readonly version: string
  constructor(code: MigrationRefused['code'], version: string, detail: string) {
    super(`${code}: ${version}: ${detail}`)
    this.code = code
    this.version = version
  }
}

const nameForm = /^\d{4}_[a-z0-9]+(_[a-z0-9]+)*\.sql$/
const breakingHeader = /^--\s*breaking\b/

/** Whether one of the comment lines that begin the file says `breaking`. */
function saysBreaking(text: string): boolean {
  for (const line of text.split('\n')) {
    if (!/^\s*(--.*)?$/.test(line)) return false
    if (breakingHeader.test(line.trim())) return true
  }
  return false
}

/** The migrations of a folder in their order. Refuses names other than `NNNN_words.sql` and a number used twice. */
export function readMigrations(folder: string): readonly MigrationFile[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  const numbers = new Map<string, string>()
  return names.sort().map((name) => {
    const version = name.slice(0, -'.sql'.length)
    if (!nameForm.test(name)) throw new MigrationRefused('misnamed', version, 'the form is NNNN_words.sql')
    const number = name.slice(0, 4)
    const other = numbers.get(number)
    if (other !== undefined) throw new MigrationRefused('misnamed', version, `${other} has the same number`)
    numbers.set(number, version)
    const bytes = readFileSync(join(folder, name))
    const text = bytes.toString('utf8')
    return {
      version,
      checksum: createHash('sha256').update(bytes).digest('hex'),
      breaking: saysBreaking(text),
      text,
    }
  })
}

/** What a ledger says beside the files: files not applied, applied ones without file, applied ones that changed. */
export interface LedgerState {
  readonly behind: readonly string[]
  readonly ahead: readonly string[]
  readonly edited: readonly string[]
}

/** Compares a ledger (version → checksum) with the files. */
export function compareLedger(
  applied: ReadonlyMap<string, string>,
  files: readonly Pick<MigrationFile, 'version' | 'checksum'>[],
): LedgerState {
  const known = new Set(files.map((file) => file.version))
  return {
    behind: files.filter((file) => !applied.has(file.version)).map((file) => file.version),
    ahead: [...applied.keys()].filter((version) => !known.has(version)).sort(),
    edited: files
      .filter((file) => applied.has(file.version) && applied.get(file.version) !== file.checksum)
      .map((file) => file.version),
  }
}
