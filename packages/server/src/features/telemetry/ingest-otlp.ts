import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import type { Ingest } from '../../core/ingest.ts'
import { otlpRecords } from './otlp/map.ts'
import type { Signal } from './otlp/schema.ts'

const batch = 1_000

/** Takes OTLP requests in as telemetry. What cannot be taken is counted; a resend of the same is a duplicate. */
export function ingestOtlp(needs: {
  readonly ingest: Ingest
  /** HMAC under the log key. */
  readonly mac: (text: string) => string
}) {
  return async (
    signal: Signal,
    actor: Actor,
    input: { readonly type: string; readonly bytes: Uint8Array },
  ): Promise<{ rejected: number; message: string }> => {
    const encoding = input.type === 'application/x-protobuf' ? 'protobuf' : 'json'
    const { records, rejected, message } = otlpRecords(signal, input.bytes, encoding, needs.mac)
    const reasons = message === '' ? [] : [message]
    let refused = rejected
    for (let from = 0; from < records.length; from += batch) {
      for (const receipt of await needs.ingest(actor, records.slice(from, from + batch))) {
        if (receipt.status !== 'rejected' && receipt.status !== 'conflict') continue
        // A whole request from a credential that may not send it is refused as such, not item by item.
        if (receipt.code === 'producer_not_allowed' || receipt.code === 'tenant_mismatch')
          throw fault(receipt.code)
        refused += 1
        reasons.push(receipt.code ?? receipt.status)
      }
    }
    return { rejected: refused, message: [...new Set(reasons)].slice(0, 5).join('; ') }
  }
}
