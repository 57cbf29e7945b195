import { readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { drawSchema } from './draw-schema.ts'
import { type EvaluatedModule, EvaluationRequest } from './evaluated.ts'

// A process of its own, without settings: what stands at the top of an app's modules runs here. It says what they
// export, a line of JSON each, into its fourth descriptor.
type Loaded = Readonly<Record<string, unknown>>
type Plain = Readonly<Record<string, unknown>>

const folder = process.argv[2] ?? '.'
const say = (line: object) => writeSync(3, `${JSON.stringify(line, writable)}\n`)

/** JSON has no word for some numbers and for functions; whoever checks must still see that something stood there. */
function writable(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint'
    ? `(${typeof value})`
    : value
}

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null
const plain = (value: unknown): Plain => (isPlain(value) ? value : {})
const isOf = (value: unknown, kind: string): value is Plain => isPlain(value) && value.kind === kind

function functionsOf(loaded: Loaded) {
  return Object.entries(loaded).flatMap(([name, value]) => {
    if (!isOf(value, 'function')) return []
    const { args = [], result, ...options } = plain(value.options)
    return [
      {
        name,
        options,
        args: Array.isArray(args)
          ? args.map((one: unknown) => drawSchema(one, 'input'))
          : [{ wrong: 'is to be a list of schemas' }],
        result: result === undefined ? null : drawSchema(result, 'output'),
      },
    ]
  })
}

function tablesOf(loaded: Loaded) {
  return Object.values(loaded).flatMap((value) => {
    if (!isOf(value, 'table')) return []
    const { name, rows, permissions, indexes, masks, schema } = value
    const fields = Object.keys(plain(plain(schema).shape))
    return [{ name, rows, permissions, indexes, masks, fields, schema: drawSchema(schema, 'input') }]
  })
}

function appOf(loaded: Loaded) {
  const app = loaded.default
  const isApp = isOf(app, 'app') && isPlain(app.groups) && Array.isArray(app.middleware)
  return {
    wrong: isApp ? null : 'its default export is to be app({ … })',
    groups: isApp ? app.groups : {},
    middleware: isApp ? app.middleware : [],
  }
}

/** Why a module did not load, on one line and without the place where it was tried. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'it threw what is no error'
  const line = text.split('\n', 1)[0] ?? ''
  return line.replaceAll(pathToFileURL(folder).href, '').replaceAll(folder, '').slice(0, 500)
}

const { modules } = EvaluationRequest.parse(JSON.parse(readFileSync(join(folder, 'request.json'), 'utf8')))
for (const { is, file, built } of modules) {
  say({ begins: file })
  try {
    const loaded: Loaded = await import(pathToFileURL(join(folder, built)).href)
    if (is === 'functions') say({ is, file, functions: functionsOf(loaded) })
    else if (is === 'tables') say({ is, file, tables: tablesOf(loaded) })
    else if (is === 'app') say({ is, file, ...appOf(loaded) })
    else say({ is, file, up: typeof loaded.up === 'function' })
  } catch (error) {
    say({ is: 'failed', file, message: messageOf(error) } satisfies EvaluatedModule)
  }
}
// What a module left running at its top does not keep the build waiting.
process.exit(0)
