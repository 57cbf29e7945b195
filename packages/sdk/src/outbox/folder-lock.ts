import { fault } from '../errors.ts'
import { type Files, failedWith } from './files.ts'

/** What of the process is asked: Node's, Bun's and Deno's `process` all have it. */
export interface ProcessLike {
  readonly pid: number
  /** Throws ESRCH when nobody has that pid. */
  readonly kill: (pid: number, signal: 0) => unknown
}

interface Needs {
  readonly fs: Files
  readonly folder: string
  readonly process: ProcessLike
  readonly newId: () => string
}

/** Locks held by this very process, for systems that do not tell when a process began. */
const held = new Set<string>()

/** Makes this process the only one in a folder, or refuses. A lock whose process is dead is taken over. */
export async function lockFolder(needs: Needs): Promise<() => Promise<void>> {
  const { fs, folder, process } = needs
  const lock = `${folder}/lock`
  const id = needs.newId()
  const mine = JSON.stringify({ pid: process.pid, born: await bornAt(fs, process.pid), id })
  // The lock appears with its content or not at all: a link, never a file that is still empty.
  const prepared = `${lock}.${needs.newId()}`
  const file = await fs.open(prepared, 'wx', 0o600)
  await file.appendFile(mine)
  await file.close()
  try {
    await takeLock(needs, lock, prepared)
  } finally {
    await fs.unlink(prepared)
  }
  held.add(id)
  return async () => {
    held.delete(id)
    await fs.unlink(lock)
  }
}

async function takeLock(needs: Needs, lock: string, prepared: string): Promise<void> {
  const { fs, folder } = needs
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      await fs.link(prepared, lock)
      return
    } catch (error) {
      if (!failedWith(error, 'EEXIST')) throw error
    }
    const found = await readIfThere(fs, lock)
    if (found === undefined) continue
    if (await isAlive(needs, found)) throw refusal(folder, readLock(found).pid)
    // Two may find the same dead lock. Who moves away another's fresh lock puts it back and starts over.
    const moved = `${lock}.${needs.newId()}`
    try {
      await fs.rename(lock, moved)
    } catch (error) {
      if (failedWith(error, 'ENOENT')) continue
      throw error
    }
    if ((await readIfThere(fs, moved)) === found) await fs.unlink(moved)
    else await fs.rename(moved, lock)
  }
  throw refusal(folder, undefined)
}

async function isAlive(needs: Needs, found: string): Promise<boolean> {
  const { pid, born, id } = readLock(found)
  if (pid === undefined) return false
  if (pid === needs.process.pid) {
    // Ours, or that of an earlier process which had our pid, as in a container.
    return held.has(id ?? '') || (born !== undefined && born === (await bornAt(needs.fs, pid)))
  }
  try {
    needs.process.kill(pid, 0)
  } catch (error) {
    // EPERM means that it lives and is somebody else's.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
  }
  const now = await bornAt(needs.fs, pid)
  return now === null || born === undefined || born === now
}

/** When a process began, in ticks since boot, where the system tells (proc(5), field 22); it unmasks a reused pid. */
async function bornAt(fs: Files, pid: number): Promise<string | null> {
  const stat = await readIfThere(fs, `/proc/${pid}/stat`).catch(() => undefined)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function readLock(text: string): { pid?: number; born?: string; id?: string } {
  try {
    const { pid, born, id }: Record<string, unknown> = JSON.parse(text)
    return {
      ...(typeof pid === 'number' ? { pid } : {}),
      ...(typeof born === 'string' ? { born } : {}),
      ...(typeof id === 'string' ? { id } : {}),
    }
  } catch {
    return {}
  }
}

async function readIfThere(fs: Files, path: string): Promise<string | undefined> {
  try {
    return await fs.readFile(path, 'utf8')
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined
    throw error
  }
}

function refusal(folder: string, pid: number | undefined) {
  const who = pid === undefined ? 'another process' : `process ${pid}`
  return fault('dependency_unavailable', `The outbox ${folder} is in use by ${who}`)
}
