import { createHash } from 'node:crypto'
import { type RecordSchema, recordSchemas } from '@quarterdeck/sdk/contract/record'
import { canonical } from '@quarterdeck/sdk/digest'
import { fault } from '@quarterdeck/sdk/errors'
import { instantOf, type Kind, producerOf, type Told } from '../../core/ingest.ts'
import { parse } from '../../core/perform.ts'
import { trim } from '../../core/trim.ts'

const part = (text: string) => encodeURIComponent(text)

/** A subject as records are asked for by it: product/kind/id, each percent-encoded. */
export function subjectKey(ref: { product: string; kind: string; id: string }): string {
  return `${part(ref.product)}/${part(ref.kind)}/${part(ref.id)}`
}

/** A name inside a composed id: colons are kept for what joins the parts. */
const plain = (text: string) => text.replaceAll('%', '%25').replaceAll(':', '%3A')

type Parsed = Record<string, unknown> & { producer?: { id: string; product: string } }

const invalid = (path: string, message: string) =>
  fault('invalid', undefined, { issues: [{ path: [path], message }] })

function schemaOf(record: Record<string, unknown>): { schema: RecordSchema; warnings: string[] } {
  const { schema, version } = record
  if (typeof schema !== 'string' || !Object.hasOwn(recordSchemas, schema))
    throw invalid('schema', 'is not a schema of ours')
  if (typeof version !== 'string' || !/^0\.\d+$/.test(version)) throw invalid('version', 'needs to be "0.1"')
  return { schema: schema as RecordSchema, warnings: version === '0.1' ? [] : ['version_unknown'] }
}

/** The four kinds of records: what names each, when it happened, and what it is about. */
export const recordKind: Kind = {
  hasContent: () => false,
  trim: (record, mac) => trim(record, mac) as Record<string, unknown>,
  tell(record, actor) {
    const subject = record.subject as { product?: unknown } | undefined
    const product =
      record.schema === 'console.event' && typeof subject?.product === 'string' ? subject.product : undefined
    const producer = record.producer
    if (producer !== undefined && !isProducer(producer))
      throw invalid('producer', 'needs an id and a product')
    return producerOf(producer, actor, product)
  },
  read(record, by, now) {
    const { schema, warnings } = schemaOf(record)
    const filled =
      by.producer !== null && record.producer === undefined ? { ...record, producer: by.producer } : record
    const parsed = parse(recordSchemas[schema], filled) as Parsed
    const told = readers[schema](parsed, now, warnings)
    // A record without a producer of its own is stored as told by the one its credential is bound to.
    if (filled !== record) record.producer = by.producer
    return {
      ...told,
      warnings,
      attributes: {
        schema,
        product: by.producer?.product ?? '',
        producer_id: by.producer?.id ?? '',
        tier: by.tier,
        correlation_id: null,
        subject: null,
        ...told.attributes,
      },
      identifying: [...told.identifying, by.producer?.id ?? '', by.producer?.product ?? ''],
    }
  },
}

function isProducer(value: unknown): value is { id: string; product: string } {
  const { id, product } = (value ?? {}) as Record<string, unknown>
  return typeof id === 'string' && typeof product === 'string'
}

type Reader = (record: Parsed, now: number, warnings: string[]) => Omit<Told, 'warnings'>

const text = (value: unknown) => (typeof value === 'string' ? value : '')

const readers: Record<RecordSchema, Reader> = {
  'console.event'(record, now, warnings) {
    const subject = record.subject as { product: string; kind: string; id: string }
    const scope = record.scope as { kind: string; id: string }
    const type = text(record.type)
    const payload = record.payload as Record<string, unknown>
    if (type.startsWith('learning.') && !isLearning({ ...payload, ...(payload.after as object | undefined) }))
      warnings.push('learning_incomplete')
    return {
      id: text(record.id),
      occurredAt: instantOf(record.occurredAt, ['occurredAt'], now, warnings),
      attributes: { type, subject: subjectKey(subject), correlation_id: text(record.correlationId) || null },
      identifying: [
        text(record.id),
        type,
        subject.product,
        subject.kind,
        subject.id,
        scope.id,
        text(record.correlationId),
      ],
    }
  },
  'console.projection'(record, now, warnings) {
    const slot = [record.producer?.product, record.producer?.id, record.scope]
    const digest = () =>
      createHash('sha256')
        .update(canonical([slot, record]))
        .digest('hex')
    return {
      id: `projection:${text(record.id) || digest()}`,
      occurredAt: instantOf(record.generatedAt, ['generatedAt'], now, warnings),
      attributes: { type: 'console.projection' },
      identifying: [text(record.id), (record.scope as { id: string }).id],
    }
  },
  'console.liveness'(record, now, warnings) {
    const names = [
      plain(text(record.actor)),
      plain(text(record.subjectId)),
      text(record.at),
      text(record.type),
    ]
    return {
      id: `liveness:${names.join(':')}`,
      occurredAt: instantOf(record.at, ['at'], now, warnings),
      attributes: { type: `liveness.${record.type}` },
      identifying: [text(record.actor), text(record.subjectId)],
    }
  },
  'console.economics'(record, now, warnings) {
    return {
      id: `economics:${record.run_id}`,
      occurredAt: record.at === undefined ? now : instantOf(record.at, ['at'], now, warnings),
      attributes: { type: 'console.economics', subject: null },
      identifying: [text(record.run_id), text(record.task_slug)],
    }
  },
}

function isLearning(after: unknown): boolean {
  const { summary, subjectRef, family, nonAuthority } = (after ?? {}) as Record<string, unknown>
  return (
    typeof summary === 'string' &&
    subjectRef !== undefined &&
    (family === 'workflow' || family === 'domain') &&
    nonAuthority === true
  )
}
