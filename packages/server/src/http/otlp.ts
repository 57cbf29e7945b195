import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { Fault } from '@quarterdeck/sdk/errors'
import type { Operation } from '@quarterdeck/sdk/operation'
import { type Answer, json } from './answer.ts'
import { mediaType } from './body.ts'

const protobuf = 'application/x-protobuf'
const protobufType = { 'content-type': protobuf }

/** Encodes an OTLP answer as the request was encoded: `{}` or a partial success (opentelemetry-proto, collector). */
export function otlpAnswer(operation: Operation, output: unknown, type: string | undefined): Answer {
  if (mediaType(type) !== protobuf) return json(operation.status, output)
  const writer = new BinaryWriter()
  const partial = (output as { partialSuccess?: Record<string, number | string> }).partialSuccess
  if (partial !== undefined) {
    const { errorMessage, ...counts } = partial
    // All three answers have the count as field 1 and the message as field 2 of the partial success, field 1.
    writer.tag(1, WireType.LengthDelimited).fork()
    writer.tag(1, WireType.Varint).int64(Number(Object.values(counts)[0] ?? 0))
    writer.tag(2, WireType.LengthDelimited).string(String(errorMessage ?? ''))
    writer.join()
  }
  return { status: operation.status, headers: protobufType, body: writer.finish() }
}

/** The gRPC code nearest to an HTTP status, as a Status carries it (google.rpc.Code). */
function rpcCode(status: number): number {
  const known: Record<number, number> = {
    400: 3,
    401: 16,
    403: 7,
    404: 5,
    413: 8,
    422: 3,
    429: 8,
    501: 12,
    503: 14,
    504: 4,
  }
  return known[status] ?? (status >= 500 ? 13 : 3)
}

/** A failure as OTLP wants it: a Status, in the request's encoding; what cannot be decoded is 400 (OTLP/HTTP, bad data). */
export function otlpProblem(error: Fault, type: string | undefined): Answer {
  const code = rpcCode(error.status)
  const status = error.status === 422 ? 400 : error.status
  const message = error.code === 'internal' ? 'internal' : `${error.code}: ${error.message}`
  if (mediaType(type) !== protobuf) return json(status, { code, message })
  const writer = new BinaryWriter()
  writer.tag(1, WireType.Varint).int32(code)
  writer.tag(2, WireType.LengthDelimited).string(message)
  return { status, headers: protobufType, body: writer.finish() }
}
