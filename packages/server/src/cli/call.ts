import { readFileSync } from 'node:fs'
import { operations } from '@quarterdeck/sdk/contract'
import { fault } from '@quarterdeck/sdk/errors'
import { type ConnectOptions, connect } from '../main/connect.ts'
import { type ProofOptions, perform } from './perform.ts'

/** Reads a file, or standard input for `-`. */
export function readInputFile(path: string): string {
  return readFileSync(path === '-' ? 0 : path, 'utf8')
}

/** Performs any operation of the contract and prints its answer as JSON. */
export async function callVerb(
  name: string | undefined,
  options: ConnectOptions & ProofOptions & { input?: string; file?: string },
): Promise<void> {
  const all = operations()
  if (name === undefined) {
    for (const operation of all)
      console.log(`${operation.name.padEnd(28)} ${operation.route.padEnd(34)} ${operation.summary}`)
    return
  }
  const operation = all.find((one) => one.name === name)
  if (operation === undefined)
    throw fault('not_found', `There is no operation ${name}; list them with: quarterdeck call`)
  const text = options.input ?? (options.file === undefined ? '{}' : readInputFile(options.file))
  let input: unknown
  try {
    input = JSON.parse(text)
  } catch {
    throw fault('invalid_json', 'The input is not JSON')
  }
  const output = await perform(connect(options), operation, input, options)
  if (output !== undefined) console.log(JSON.stringify(output, null, 2))
}
