import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'

const settleMs = 100

/**
 * Calls `changed` after files of a folder changed and then were left alone for a moment. Names that `ignored` knows at the
 * top of the folder, and what they hold, are not looked at. Answers what ends it.
 */
export function watchSources(needs: {
  readonly folder: string
  readonly ignored: (name: string) => boolean
  readonly changed: () => void
}): () => void {
  const { folder, ignored, changed } = needs
  const parts = new Map<string, FSWatcher>()
  let timer: NodeJS.Timeout | undefined

  function touched(): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      followParts()
      changed()
    }, settleMs)
  }

  /** A watcher for each folder at the top: what is ignored may hold a hundred thousand files. */
  function followParts(): void {
    const there = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !ignored(entry.name))
      .map(({ name }) => name)
    for (const [name, watcher] of parts)
      if (!there.includes(name)) {
        watcher.close()
        parts.delete(name)
      }
    for (const name of there)
      if (!parts.has(name)) {
        const watcher = watch(join(folder, name), { recursive: true }, touched)
        // Its folder is gone: the top hears of that too.
        watcher.on('error', () => parts.delete(name))
        parts.set(name, watcher)
      }
  }

  const top = watch(folder, (_event, name) => {
    if (name === null || !ignored(name)) touched()
  })
  followParts()
  return () => {
    clearTimeout(timer)
    top.close()
    for (const watcher of parts.values()) watcher.close()
  }
}
