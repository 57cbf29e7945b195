import { fault } from '../errors.ts'
import type { Outbox } from '../outbox.ts'
import { type Backlog, type Change, createBacklog } from './backlog.ts'
import { type Files, failedWith, type OpenFile, replaceFile } from './files.ts'
import { lockFolder, type ProcessLike } from './folder-lock.ts'

export interface FileOutboxOptions {
  /** A folder of its own. It never holds the token. */
  readonly folder: string
  /** `import * as fs from 'node:fs/promises'` */
  readonly fs: Files
  /** Who asks for the lock; by default the runtime's own `process`. */
  readonly process?: ProcessLike
  readonly newId?: () => string
}

const name = 'outbox.jsonl'
/** Below this many bytes a journal is not worth compacting. */
const smallest = 1_048_576

/**
 * An outbox that survives `kill -9`: what `emit` and `telemetry` resolved for is on disk. One line of the journal is one
 * group of changes, written and synced together, so a torn line is always the last and nobody was told of it.
 */
export function fileOutbox(options: FileOutboxOptions): Outbox {
  const { fs, folder } = options
  const newId = options.newId ?? (() => crypto.randomUUID())
  let backlog = createBacklog([])
  let journal: OpenFile | undefined
  let unlock: (() => Promise<void>) | undefined
  let broken: unknown
  let bytes = 0
  let compacted = 0
  let waiting: { changes: readonly Change[]; resolve: () => void; reject: (error: unknown) => void }[] = []
  let writing: Promise<void> | undefined

  async function compact(): Promise<void> {
    const line = `${JSON.stringify(backlog.snapshot())}\n`
    await journal?.close()
    journal = undefined
    await replaceFile(fs, folder, name, line)
    journal = await fs.open(`${folder}/${name}`, 'a', 0o600)
    bytes = line.length
    compacted = line.length
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        if (broken !== undefined) throw broken
        if (journal === undefined) throw fault('dependency_unavailable', 'The outbox is not open')
        const changes = group.flatMap((each) => each.changes)
        const line = `${JSON.stringify(changes)}\n`
        await journal.appendFile(line)
        await journal.datasync()
        bytes += line.length
        for (const change of changes) backlog.apply(change)
      } catch (error) {
        // After a failed write or sync the end of the file is unknown: only opening it anew tells.
        broken ??= error
        for (const each of group) each.reject(error)
        continue
      }
      for (const each of group) each.resolve()
      try {
        if (bytes > smallest && bytes > 2 * compacted) await compact()
      } catch (error) {
        broken ??= error
      }
    }
    writing = undefined
  }

  return {
    async open(sinks) {
      if (unlock !== undefined) return backlog
      await fs.mkdir(folder, { recursive: true, mode: 0o700 })
      const release = await lockFolder({ fs, folder, newId, process: options.process ?? runtimeProcess() })
      try {
        backlog = await readJournal(fs, folder, sinks)
        await compact()
      } catch (error) {
        await release()
        throw error
      }
      unlock = release
      return backlog
    },
    write(changes) {
      return new Promise((resolve, reject) => {
        waiting.push({ changes, resolve, reject })
        writing ??= writeAll()
      })
    },
    async close() {
      await writing
      await journal?.close()
      journal = undefined
      await unlock?.()
      unlock = undefined
    },
  }
}

async function readJournal(fs: Files, folder: string, sinks: readonly string[]): Promise<Backlog> {
  const backlog = createBacklog(sinks)
  const text = await fs.readFile(`${folder}/${name}`, 'utf8').catch((error: unknown) => {
    if (failedWith(error, 'ENOENT')) return ''
    throw error
  })
  const lines = text.split('\n')
  // What follows the last line end was being written when the process died.
  lines.pop()
  for (const [index, line] of lines.entries()) {
    const changes = changesOf(line)
    if (changes !== undefined) for (const change of changes) backlog.apply(change)
    else if (index < lines.length - 1) {
      throw fault('dependency_unavailable', `The outbox ${folder} is damaged in line ${index + 1}`)
    }
  }
  return backlog
}

function changesOf(line: string): readonly Change[] | undefined {
  try {
    // Only this file writes these lines; the length of a journal forbids parsing each through a schema.
    const changes: unknown = JSON.parse(line)
    return Array.isArray(changes) ? changes : undefined
  } catch {
    return undefined
  }
}

function runtimeProcess(): ProcessLike {
  const { process } = globalThis as { process?: ProcessLike }
  if (process === undefined) throw fault('invalid', 'fileOutbox needs a process here')
  return process
}
