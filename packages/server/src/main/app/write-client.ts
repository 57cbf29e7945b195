import { relative, sep } from 'node:path'
import { isWriting } from '@quarterdeck/sdk/functions/backend'
import type { ManifestFunction } from '@quarterdeck/sdk/functions/manifest'

const quote = (text: string) => `'${text}'`

/** The public functions of an app as data: `client/index.js`. No code of the app is in it. */
export function writeClient(functions: readonly ManifestFunction[]): string {
  const told = functions
    .filter(({ internal }) => !internal)
    .map(({ name, perm, live }) => [name, { writes: isWriting(perm), live }] as const)
  return `export const app = ${JSON.stringify({ functions: Object.fromEntries(told) }, null, 2)}\n`
}

/**
 * The types of that data: `client/index.d.ts`, from the sources of the app as they lie from there. Built elsewhere than
 * within the app's folder, they are named as from its `dist/`.
 */
export function writeClientTypes(needs: {
  readonly functions: readonly ManifestFunction[]
  readonly tables: string | null
  readonly folder: string
  readonly out: string
}): string {
  const open = needs.functions.filter(({ internal }) => !internal)
  const path = relative(needs.out, needs.folder).split(sep).join('/')
  const up = /^(\.\.\/)*\.\.$/.test(path) ? path : '../..'
  const moduleOf = (file: string) => quote(`${up}/${file.replace(/\.ts$/, '.js')}`)
  const files = [...new Set(open.map(({ file }) => file))].sort()
  const modules = files.map((file) => `typeof import(${moduleOf(file)})`)
  const union = (names: readonly string[]) => (names.length === 0 ? 'never' : names.map(quote).join(' | '))
  const types = [
    modules.length === 0 ? 'object' : modules.join(' & '),
    union(open.map(({ name }) => name)),
    union(open.filter(({ live }) => live).map(({ name }) => name)),
  ]
  return [
    "import type { ClientApp } from '@quarterdeck/sdk/functions/client-app'",
    // Whoever reads the functions' types needs what the app says its tables are.
    ...(needs.tables === null ? [] : [`import type {} from ${moduleOf(needs.tables)}`]),
    '',
    `export declare const app: ClientApp<\n  ${types.join(',\n  ')}\n>`,
    '',
  ].join('\n')
}
