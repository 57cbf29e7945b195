import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { StartRefused } from '../config/problem.ts'
import { makeToken } from '../features/identity/secret-hash.ts'
import { makeTokenId, writeToken } from '../features/identity/tokens/token-text.ts'

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined)

/** The text of a file; null when there is none. */
function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Makes a file for its owner alone, whole and synced or not at all; false when there is one already. */
function place(path: string, text: string): boolean {
  const prepared = `${path}.${process.pid}`
  const descriptor = openSync(prepared, 'w', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
    linkSync(prepared, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    closeSync(descriptor)
    rmSync(prepared, { force: true })
  }
}

/** A text kept in the data folder for its owner alone: read if it is there, else made. */
export function keptText(folder: string, name: string, make: () => string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, name)
  for (;;) {
    const kept = readIfThere(path)
    if (kept !== null && kept !== '') return kept
    // An empty file is what a power cut can leave of one that nobody has used yet.
    if (kept === '') rmSync(path, { force: true })
    const text = make()
    if (place(path, text)) return text
  }
}

/** The secret of local mode: made once. */
export function localSecret(folder: string): string {
  return keptText(folder, 'secret', () => randomBytes(32).toString('hex'))
}

/** The token of local mode: made once, so that producers set up with it go on working. */
export function localToken(folder: string): string {
  return keptText(folder, 'token', () =>
    writeToken('service', makeTokenId(randomBytes), makeToken(randomBytes)),
  )
}

/** When a process began, in ticks since boot, where the system tells (proc(5), field 22); it unmasks a reused pid. */
function bornAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

/** Whether the process that a lock names still runs; a lock that names none is of nobody. */
function isHeld(lock: string): boolean {
  const [name, born = ''] = lock.split(' ')
  const pid = Number(name)
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false
  }
  return born === '' || bornAt(pid) === '' || bornAt(pid) === born
}

/** Takes the data folder for this process: JSON lines have one writer. Answers how to give it back. */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'lock')
  const refuse = (by: string) => {
    const detail = `${folder} is in use by ${by}`
    return new StartRefused([{ code: 'data_folder_in_use', setting: 'CONSOLE_DATA_DIR', detail }])
  }
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (place(path, `${process.pid} ${bornAt(process.pid)}`)) return () => rmSync(path, { force: true })
    const found = readIfThere(path)
    if (found === null) continue
    if (isHeld(found)) throw refuse(`process ${found.split(' ', 1)[0]}`)
    // Two may find the same dead lock. Who moves away another's fresh lock puts it back and starts over.
    const moved = `${path}.${process.pid}.dead`
    try {
      renameSync(path, moved)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') continue
      throw error
    }
    if (readIfThere(moved) === found) rmSync(moved, { force: true })
    else renameSync(moved, path)
  }
  throw refuse('another process')
}
