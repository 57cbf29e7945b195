import { type Dirent, type FSWatcher, readdirSync, watch } from 'node:fs'
import { join, sep } from 'node:path'

const settleMs = 100

/**
 * Calls `changed` after files of a folder changed and then were left alone for a moment. Names that `ignored` knows at the
 * top of the folder, and what they hold, are not looked at, and `node_modules` nowhere. Answers what ends it.
 */
export function watchSources(needs: {
  readonly folder: string
  readonly ignored: (name: string) => boolean
  readonly changed: () => void
}): () => void {
  const { folder, ignored, changed } = needs
  const followed = new Map<string, FSWatcher>()
  let timer: NodeJS.Timeout | undefined

  function touched(): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      follow()
      changed()
    }, settleMs)
  }

  function unfollow(path: string): void {
    for (const [one, watcher] of followed)
      if (one === path || one.startsWith(path + sep)) {
        watcher.close()
        followed.delete(one)
      }
  }

  /**
   * A watcher for each folder, and none for files: a recursive one follows files themselves on Linux, and loses a file
   * that an editor or git put another in place of. What is ignored may hold a hundred thousand files.
   */
  function follow(): void {
    for (const path of foldersUnder(folder, ignored)) {
      if (!followed.has(path)) followOne(path)
    }
  }

  function followOne(path: string): void {
    try {
      const watcher = watch(path, (event, name) => {
        if (path === folder && name !== null && ignored(name)) return
        // A folder that comes in place of another is followed anew.
        if (event === 'rename' && name !== null) unfollow(join(path, name))
        touched()
      })
      // Its folder is gone: the one above hears of that too.
      watcher.on('error', () => unfollow(path))
      followed.set(path, watcher)
    } catch {
      // It has just gone; the one above hears of that.
    }
  }

  follow()
  return () => {
    clearTimeout(timer)
    unfollow(folder)
  }
}

/** The folder and every folder in it. */
function foldersUnder(folder: string, ignored: (name: string) => boolean): string[] {
  const inner = entriesOf(folder)
    .filter((entry) => entry.isDirectory() && !ignored(entry.name))
    .flatMap(({ name }) => foldersUnder(join(folder, name), (one) => one === 'node_modules'))
  return [folder, ...inner]
}

/** What is in a folder; nothing when it has just gone, which the one above hears of. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
