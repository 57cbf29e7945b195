import { functions } from '@quarterdeck/sdk/contract/functions'
import { fault } from '@quarterdeck/sdk/errors'
import { bitsText } from '@quarterdeck/sdk/functions/perms'
import type { OutputOf } from '@quarterdeck/sdk/operation'
import { type ConnectOptions, connect } from '../main/connect.ts'
import { readInputFile } from './call.ts'
import { type ProofOptions, perform } from './perform.ts'

type Window = '15m' | '24h' | '7d'
type Item = OutputOf<typeof functions.get>
type Called = OutputOf<typeof functions.calls>['items'][number]

export interface WindowOptions {
  readonly window?: string
}

const windowOf = ({ window = '15m' }: WindowOptions): Window => {
  if (window === '15m' || window === '24h' || window === '7d') return window
  throw fault('invalid', 'The window is 15m, 24h or 7d')
}

/** Prints the functions of the app, one a line, with how they did in the window. */
export async function functionsList(options: ConnectOptions & WindowOptions): Promise<void> {
  const { items, digest, failed } = await connect(options).functions.list({ window: windowOf(options) })
  if (digest === null) return console.log('No app runs here; say where one is with CONSOLE_APP.')
  const width = Math.max(0, ...items.map(({ name }) => name.length))
  for (const item of items) console.log([item.name.padEnd(width), ...cellsOf(item)].join('  ').trimEnd())
  for (const { file, message } of failed) console.error(`${file} did not load: ${message}`)
}

function cellsOf(item: Item): string[] {
  const ms = (value: number | null) => (value === null ? '-' : `${value.toFixed(1)} ms`).padStart(10)
  const failed = item.errorShare === null ? '-' : `${(item.errorShare * 100).toFixed(1)} %`
  const marks = [
    item.live ? 'live' : '',
    item.cron === null ? (item.internal ? 'internal' : '') : `cron ${item.cron}`,
    item.broken === null ? '' : `broken: ${item.broken}`,
  ].filter((mark) => mark !== '')
  return [
    bitsText(item.perm),
    item.egroup.padEnd(12),
    `${item.calls} calls`.padStart(10),
    `p50${ms(item.p50)}`,
    `p95${ms(item.p95)}`,
    `failed ${failed.padStart(7)}`,
    marks.join(', '),
  ]
}

/** Runs a function and prints its result as JSON. Its arguments are a JSON list, or one value, or none. */
export async function functionsRun(
  fn: string,
  json: string | undefined,
  options: ConnectOptions & ProofOptions & { file?: string; asOf?: string },
): Promise<void> {
  if (json !== undefined && options.file !== undefined)
    throw fault('invalid', 'The arguments come from the command line or from a file, not from both')
  const text = json ?? (options.file === undefined ? '' : readInputFile(options.file))
  const input = {
    fn,
    args: argumentsOf(text),
    ...(options.asOf === undefined ? {} : { asOf: options.asOf }),
  }
  const answer = await perform(connect(options), functions.run, input, options)
  const { result } = functions.run.output.parse(answer)
  if (result !== undefined) console.log(JSON.stringify(result, null, 2))
}

/** What a body of `/rpc` would be taken for. */
function argumentsOf(text: string): unknown[] {
  if (text.trim() === '') return []
  try {
    const given: unknown = JSON.parse(text)
    return Array.isArray(given) ? given : [given]
  } catch {
    throw fault('invalid_json', 'The arguments are not JSON')
  }
}

/** Prints the newest calls of a function, the last one last, and on demand those that follow until it is stopped. */
export async function functionsLogs(
  fn: string,
  options: ConnectOptions & WindowOptions & { limit?: string; follow?: boolean },
): Promise<void> {
  const client = connect(options)
  const window = windowOf(options)
  const limit = Number(options.limit ?? 50)
  const newest = async (count: number) =>
    (await client.functions.calls({ fn, window, limit: count })).items.toReversed()
  const lineOf = (call: Called) =>
    [
      call.at,
      call.outcome.padEnd(10),
      `${call.ms.toFixed(1)} ms`.padStart(12),
      // What a subject is called is an issuer's to say; a terminal obeys some characters.
      call.principal.replace(/\p{C}/gu, '?'),
      call.code ?? '',
      call.number === undefined ? '' : `commit ${call.number}`,
      call.traceId ?? '',
    ]
      .filter((cell) => cell !== '')
      .join('  ')

  let shown = (await newest(limit)).map(lineOf)
  for (const line of shown) console.log(line)
  while (options.follow) {
    await new Promise<void>((resolve) => setTimeout(resolve, 1_000))
    const lines = (await newest(100)).map(lineOf)
    const known = new Set(shown)
    for (const line of lines) if (!known.has(line)) console.log(line)
    shown = lines
  }
}
