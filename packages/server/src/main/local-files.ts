import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { StartRefused } from '../config/problem.ts'

/** A text kept in the data folder for its owner alone: read if it is there, else made. */
export function keptText(folder: string, name: string, make: () => string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, name)
  try {
    const descriptor = openSync(path, 'wx', 0o600)
    const text = make()
    writeSync(descriptor, text)
    closeSync(descriptor)
    return text
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      return readFileSync(path, 'utf8').trim()
    throw error
  }
}

/** The secret of local mode: made once. */
export function localSecret(folder: string): string {
  return keptText(folder, 'secret', () => randomBytes(32).toString('hex'))
}

/** The token of local mode: made once, so that producers set up with it go on working. */
export function localToken(folder: string): string {
  return keptText(
    folder,
    'token',
    () => `qd_service_${base32(randomBytes(12))}_${randomBytes(32).toString('base64url')}`,
  )
}

function base32(bytes: Uint8Array): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  return [...bytes].map((byte) => alphabet[byte & 31]).join('')
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Takes the data folder for this process: JSON lines have one writer. Answers how to give it back. */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'lock')
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const descriptor = openSync(path, 'wx', 0o600)
      writeSync(descriptor, String(process.pid))
      closeSync(descriptor)
      return () => rmSync(path, { force: true })
    } catch {
      const holder = Number(readFileSync(path, 'utf8'))
      if (holder !== process.pid && isAlive(holder)) {
        const detail = `${folder} is in use by process ${holder}`
        throw new StartRefused([{ code: 'data_folder_in_use', setting: 'CONSOLE_DATA_DIR', detail }])
      }
      // The holder is gone without having given it back.
      rmSync(path, { force: true })
    }
  }
  throw new StartRefused([
    { code: 'data_folder_in_use', setting: 'CONSOLE_DATA_DIR', detail: `${folder} cannot be locked` },
  ])
}
