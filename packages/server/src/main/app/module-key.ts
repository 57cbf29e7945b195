import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { z } from 'zod'

const Package = z.object({ name: z.string().optional(), version: z.string().optional() })

/**
 * What a module is called wherever its app lies: a file of the app by its path within the folder, any other by its
 * package, version and path in it.
 */
export function createModuleKey(folder: string): (path: string) => string {
  const packages = new Map<string, { root: string; name: string } | null>()

  function packageOf(path: string): { root: string; name: string } | null {
    const known = packages.get(path)
    if (known !== undefined) return known
    const file = join(path, 'package.json')
    const parsed = existsSync(file) ? Package.safeParse(JSON.parse(readFileSync(file, 'utf8'))) : null
    const name = parsed?.data?.name
    const parent = dirname(path)
    const found =
      name !== undefined
        ? { root: path, name: `${name}@${parsed?.data?.version ?? ''}` }
        : parent === path
          ? null
          : packageOf(parent)
    packages.set(path, found)
    return found
  }
  const within = (root: string, path: string) => relative(root, path).split(sep).join('/')

  return (path) => {
    const own = within(folder, path)
    if (!own.startsWith('../') && !own.includes('node_modules/')) return own
    const library = packageOf(dirname(path))
    return library === null ? own : `${library.name}/${within(library.root, path)}`
  }
}
