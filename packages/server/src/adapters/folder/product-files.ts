import { constants } from 'node:fs'
import { lstat, open, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'

/** The folders that addresses lead into. */
export interface Roots {
  /** The first one is meant where an address names none. */
  readonly roots: readonly { readonly id: string; readonly path: string }[]
  readonly overlay?: string
}

/** Files found, by their paths under the root asked for, and what was refused. */
export interface FoundFiles {
  readonly files: readonly { readonly path: string; readonly text: string }[]
  readonly warnings: readonly string[]
}

/** The address is well formed, and nothing is there. */
export class FileMissing extends Error {
  override readonly name = 'FileMissing'
}

const mostFiles = 1_000
const largest = 262_144

/**
 * Reads files by address: `product:<id>:<path>`, `product:<path>` (the first root), `console:<path>` (the overlay). A path
 * that is absolute, climbs with `..` or goes through a symbolic link is refused with a sentence; nothing else is opened.
 */
export function productFiles({ roots, overlay }: Roots) {
  /** The folder and path of an address. */
  function locate(address: string): { folder: string; path: string } {
    const [scheme, ...rest] = address.split(':')
    if (scheme === 'console' && rest.length === 1) {
      if (overlay === undefined) throw new Error('leads to the overlay, and there is none')
      return { folder: overlay, path: rest[0] ?? '' }
    }
    if (scheme !== 'product' || rest.length < 1 || rest.length > 2)
      throw new Error('is no address: product:<id>:<path>, product:<path> or console:<path>')
    const [id, path] = rest.length === 2 ? rest : [roots[0]?.id, rest[0]]
    const root = roots.find((one) => one.id === id)
    if (root === undefined) throw new Error('names no product root there is')
    return { folder: root.path, path: path ?? '' }
  }

  return {
    /** The text of one file. */
    async readFile(address: string): Promise<string> {
      const { folder, path } = locate(address)
      return readWithin(folder, segmentsOf(path))
    },

    /** The files of a folder that match a pattern, at most one folder deep; `*` stands for any part of a name. */
    async findFiles(root: string, patterns: readonly string[]): Promise<FoundFiles> {
      const { folder, path } = locate(root)
      const base = path === '' || path === '.' ? [] : segmentsOf(path)
      const at = await walk(folder, base)
      const warnings: string[] = []
      const paths = new Set<string>()
      for (const pattern of patterns) {
        const parts = pattern.split('/')
        if (parts.length > 2 || parts.some((part) => part === '' || part === '..' || part.includes('**')))
          warnings.push(`${root}: the pattern ${pattern} is no name, or goes deeper than one folder`)
        else for (const found of await match(at, parts)) paths.add(found)
      }
      const wanted = [...paths].sort()
      if (wanted.length > mostFiles) warnings.push(`${root}: only the first ${mostFiles} files are read`)
      const files: { path: string; text: string }[] = []
      for (const found of wanted.slice(0, mostFiles)) {
        try {
          files.push({ path: found, text: await readWithin(folder, [...base, ...found.split('/')]) })
        } catch (error) {
          warnings.push(`${root}/${found} ${error instanceof Error ? error.message : 'cannot be read'}`)
        }
      }
      return { files, warnings }
    },
  }
}

function segmentsOf(path: string): string[] {
  if (path.startsWith('/') || path.includes('\\') || path.includes('\u0000'))
    throw new Error('needs a path under its root')
  const segments = path.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    throw new Error('may not lead out of its root')
  return segments
}

/** The real path of a folder's member, reached without a symbolic link. The folder itself may be one. */
async function walk(folder: string, segments: readonly string[]): Promise<string> {
  let at = await orMissing(realpath(folder))
  for (const segment of segments) {
    at = join(at, segment)
    if ((await orMissing(lstat(at))).isSymbolicLink()) throw new Error('goes through a symbolic link')
  }
  return at
}

async function readWithin(folder: string, segments: readonly string[]): Promise<string> {
  const path = await walk(folder, segments)
  // The last step refuses a link that appeared since, and does not wait for a pipe.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await orMissing(open(path, flags))
  try {
    const { size, isFile } = await file.stat().then((stat) => ({ size: stat.size, isFile: stat.isFile() }))
    if (!isFile) throw new Error('is no file')
    if (size > largest) throw new Error('is larger than 256 KiB')
    // One byte more than it said, to see that it did not grow past what is read.
    const buffer = Buffer.alloc(Math.min(size, largest) + 1)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    if (bytesRead > size) throw new Error('changed while it was read')
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

async function orMissing<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new FileMissing('is not there')
    if (code === 'ELOOP') throw new Error('goes through a symbolic link')
    throw new Error('cannot be read')
  }
}

/** Paths under a folder that a pattern of one or two names matches. Links among them are refused when they are read. */
async function match(folder: string, [first = '', second]: readonly string[]): Promise<string[]> {
  const names = (await namesIn(folder)).filter(({ name }) => matches(first, name))
  if (second === undefined) return names.filter(({ isFolder }) => !isFolder).map(({ name }) => name)
  const found: string[] = []
  for (const { name, isFolder } of names) {
    if (!isFolder) continue
    for (const inner of await namesIn(join(folder, name)))
      if (!inner.isFolder && matches(second, inner.name)) found.push(`${name}/${inner.name}`)
  }
  return found
}

async function namesIn(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  const entries = await orMissing(readdir(folder, { withFileTypes: true }))
  return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
}

/** Whether a name matches a pattern in which `*` stands for anything; names that begin with a dot must be named. */
function matches(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false
  const parts = pattern.split('*')
  const [first = ''] = parts
  if (parts.length === 1) return name === pattern
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  const last = parts.at(-1) ?? ''
  return name.length - at >= last.length && name.endsWith(last)
}
