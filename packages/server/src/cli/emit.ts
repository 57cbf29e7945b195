import type { AppendAnswer, Receipt } from '@quarterdeck/sdk/contract/record'
import { fault } from '@quarterdeck/sdk/errors'
import { type ConnectOptions, connect } from '../main/connect.ts'
import { withLocalHub } from '../main/local-hub.ts'
import { readInputFile } from './call.ts'

/** The records of a text: JSON, or a line each. */
function parseRecords(text: string): unknown[] {
  try {
    const whole: unknown = JSON.parse(text)
    return Array.isArray(whole) ? whole : [whole]
  } catch {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line, index) => {
        try {
          return JSON.parse(line) as unknown
        } catch {
          throw fault('invalid_json', `line ${index + 1} is not JSON`)
        }
      })
  }
}

const receiptsOf = (answer: AppendAnswer): Receipt[] => ('receipts' in answer ? answer.receipts : [answer])

/** Sends records, a thousand at a time, and prints a receipt a line. Exits with 1 when one was not taken. */
export async function emitVerb(
  file: string,
  options: ConnectOptions & { telemetry?: boolean; local?: boolean },
): Promise<void> {
  const records = parseRecords(readInputFile(file))
  const area = options.telemetry ? 'telemetry' : 'records'
  const send = async (append: (batch: unknown[]) => Promise<AppendAnswer>) => {
    for (let from = 0; from < records.length; from += 1_000) {
      for (const receipt of receiptsOf(await append(records.slice(from, from + 1_000)))) {
        console.log(JSON.stringify(receipt))
        if (receipt.status === 'rejected' || receipt.status === 'conflict') process.exitCode = 1
      }
    }
  }
  if (options.local)
    await withLocalHub((call) => send((batch) => call(`${area}.append`, batch) as Promise<AppendAnswer>))
  else {
    const client = connect(options)
    await send((batch) => client[area].append(batch))
  }
}
