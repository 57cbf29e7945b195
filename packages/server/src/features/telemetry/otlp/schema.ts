import { create, createFileRegistry, type DescField, type DescMessage, fromBinary } from '@bufbuild/protobuf'
import {
  DescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  OneofDescriptorProtoSchema,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'
import { fault } from '@quarterdeck/sdk/errors'
import { messages } from './messages.ts'

export type Signal = 'traces' | 'logs' | 'metrics'
export type Encoding = 'protobuf' | 'json'
type Json = Record<string, unknown>

const requests = {
  traces: 'ExportTraceServiceRequest',
  logs: 'ExportLogsServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
} as const satisfies Record<Signal, keyof typeof messages>

const scalars: Readonly<Record<string, Type>> = {
  string: Type.STRING,
  bool: Type.BOOL,
  bytes: Type.BYTES,
  double: Type.DOUBLE,
  int32: Type.INT32,
  sint32: Type.SINT32,
  uint32: Type.UINT32,
  int64: Type.INT64,
  uint64: Type.UINT64,
  fixed64: Type.FIXED64,
  sfixed64: Type.SFIXED64,
}

const registry = createFileRegistry(
  create(FileDescriptorProtoSchema, {
    name: 'otlp.proto',
    package: 'otlp',
    syntax: 'proto3',
    messageType: Object.entries(messages).map(([name, fields]) => describe(name, fields)),
  }),
  () => undefined,
)

function describe(name: string, said: readonly string[]) {
  const oneofs = [...new Set(said.map((field) => field.split(' | ')[1]).filter((one) => one !== undefined))]
  return create(DescriptorProtoSchema, {
    name,
    field: said.map((field) => describeField(field, oneofs)),
    oneofDecl: oneofs.map((one) => create(OneofDescriptorProtoSchema, { name: one })),
  })
}

function describeField(said: string, oneofs: readonly string[]): FieldDescriptorProto {
  const [plain = '', oneof] = said.split(' | ')
  const [name = '', number = '', type = ''] = plain.split(' ')
  const scalar = scalars[type]
  return create(FieldDescriptorProtoSchema, {
    name: name.replace('*', ''),
    number: Number(number),
    label: name.endsWith('*') ? Label.REPEATED : Label.OPTIONAL,
    ...(scalar === undefined ? { type: Type.MESSAGE, typeName: `.otlp.${type}` } : { type: scalar }),
    ...(oneof === undefined ? {} : { oneofIndex: oneofs.indexOf(oneof) }),
  })
}

/**
 * An export request in either encoding, in the shape of OTLP/JSON: ids in hex, 64-bit integers as text. Throws
 * `invalid_json` or `invalid` for what is not one.
 */
export function decodeRequest(signal: Signal, body: Uint8Array, encoding: Encoding): Json {
  return encoding === 'json' ? decodeJson(body) : decodeProtobuf(signal, body)
}

function decodeJson(body: Uint8Array): Json {
  let request: unknown
  try {
    request = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw fault('invalid_json', undefined, { cause })
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    throw fault('invalid', 'The body is no export request')
  return request as Json
}

function decodeProtobuf(signal: Signal, body: Uint8Array): Json {
  const schema = registry.getMessage(`otlp.${requests[signal]}`) as DescMessage
  try {
    return plainMessage(schema, fromBinary(schema, body))
  } catch (cause) {
    throw fault('invalid', 'The body is no export request in protobuf', { cause })
  }
}

/** A decoded message as OTLP/JSON would say it. */
function plainMessage(schema: DescMessage, message: object): Json {
  const members = message as Json
  const plain: Json = {}
  for (const field of schema.fields) {
    const value = field.oneof === undefined ? members[field.localName] : chosen(members, field)
    if (value === undefined) continue
    plain[field.localName] =
      field.fieldKind === 'list'
        ? (value as unknown[]).map((item) => plainValue(field, item))
        : plainValue(field, value)
  }
  return plain
}

function chosen(members: Json, field: DescField): unknown {
  const oneof = members[field.oneof?.localName ?? ''] as { case?: string; value?: unknown } | undefined
  return oneof?.case === field.localName ? oneof.value : undefined
}

function plainValue(field: DescField, value: unknown): unknown {
  if (field.message !== undefined) return plainMessage(field.message, value as object)
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) {
    const isId = field.localName.endsWith('Id')
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString(isId ? 'hex' : 'base64')
  }
  return value
}
