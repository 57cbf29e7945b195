import type { ManifestFunction } from '@quarterdeck/sdk/functions/manifest'

const quote = (text: string) => JSON.stringify(text)

/** The built path of a source, without its ending. */
export function builtOf(file: string): string {
  return `server/${file.replace(/\.ts$/, '')}`
}

/** `server/routes.js`: what each function asks, at once, and its handler, when it is first needed. */
export function writeRoutes(needs: {
  readonly functions: readonly ManifestFunction[]
  readonly migrations: readonly { readonly id: string; readonly file: string }[]
}): string {
  const load = (file: string) => `() => import(${quote(`./${builtOf(file).slice('server/'.length)}.js`)})`
  const routes = needs.functions.map(({ name, file, args: _a, result: _r, ...meta }) => {
    const members = [`meta: ${JSON.stringify(meta)}`, `load: ${load(file)}`]
    return `  ${quote(name)}: { ${members.join(', ')} },\n`
  })
  const steps = needs.migrations.map(({ id, file }) => `  ${quote(id)}: ${load(file)},\n`)
  return `export const routes = {\n${routes.join('')}}\nexport const migrations = {\n${steps.join('')}}\n`
}

/** `server.js`: the whole app for a program that hosts it. Quarterdeck does: `CONSOLE_APP=dist quarterdeck serve`. */
export function writeServer(tables: boolean): string {
  return `export { default as app } from './server/app.js'
${tables ? "export * as tables from './server/tables.js'" : 'export const tables = {}'}
export { migrations, routes } from './server/routes.js'

if (globalThis.process?.argv?.[1] === import.meta.filename && import.meta.filename !== undefined) {
  console.error('This is an app, and no server. Run: CONSOLE_APP=' + import.meta.dirname + ' quarterdeck serve')
  globalThis.process.exitCode = 64
}
`
}
