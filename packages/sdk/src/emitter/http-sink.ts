import { createClient } from '../client.ts'
import { fault } from '../errors.ts'
import type { Sink } from './sink.ts'

/** How long one request may take before it counts as a network fault. */
const patience = 30_000

/** Delivers to a Quarterdeck server. */
export function httpSink(needs: {
  readonly url: string
  readonly token: string | (() => string | undefined)
  readonly fetch?: typeof fetch
  readonly now?: () => number
  readonly name?: string
}): Sink {
  const { name = 'http', ...connection } = needs
  const client = createClient(connection)
  return {
    name,
    async deliver(log, records, signal) {
      const answer = await client[log].append(records, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
      })
      if (!('receipts' in answer) || answer.receipts.length !== records.length) {
        throw fault('dependency_unavailable', 'The answer does not account for each record')
      }
      return answer.receipts
    },
  }
}
