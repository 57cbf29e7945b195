import { readFileSync } from 'node:fs'
import type { Client } from '@quarterdeck/sdk/client'
import { type ProofDemand, proved } from '@quarterdeck/sdk/client/proved'
import type { Operation } from '@quarterdeck/sdk/operation'
import { ask } from './ask.ts'

export interface ProofOptions {
  /** The word that the act asks for; asked when absent. */
  readonly word?: string
  /** A file that holds the code of the second factor; `-` is standard input. */
  readonly codeFile?: string
}

/** Performs an operation; where it needs a proof, shows what it would do and asks for word and code. */
export function perform(
  client: Client,
  operation: Operation,
  input: unknown,
  options: ProofOptions,
): Promise<unknown> {
  return proved(
    (proof) => client.call(operation, input, proof),
    async ({ demand, before }) => {
      show(demand, before)
      const word =
        demand.word === null ? undefined : (options.word ?? (await ask(`Type ${demand.word} to go on`)))
      const code = await codeOf(options)
      const { challenge } = demand
      return (await client.identity.prove({ challenge, code, ...(word === undefined ? {} : { word }) })).proof
    },
  )
}

function show({ shown, actionHash }: ProofDemand, before: ProofDemand | null): void {
  const { does, ...rest } = shown
  if (before !== null) console.error('What would happen has changed, or the proof had ended. Now:')
  console.error(does)
  for (const [name, value] of Object.entries(rest))
    console.error(`  ${name.padEnd(14)} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  console.error(`  ${'actionHash'.padEnd(14)} ${actionHash}`)
}

function codeOf({ codeFile }: ProofOptions): Promise<string> {
  if (codeFile === undefined || codeFile === '-') return ask('Code of your second factor', { hidden: true })
  return Promise.resolve(readFileSync(codeFile, 'utf8').trim())
}
