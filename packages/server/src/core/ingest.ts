import type { Actor } from '@quarterdeck/sdk/actor'
import type { Receipt, Tier } from '@quarterdeck/sdk/contract/record'
import { canonical } from '@quarterdeck/sdk/digest'
import { type Code, Fault, fault } from '@quarterdeck/sdk/errors'
import type { Entry, Log, Scalar } from '../ports/log.ts'
import { checkJson } from './check-json.ts'
import { createMac } from './mac.ts'
import type { Redactor } from './redact.ts'

/** Stands in a batch for a line that is not JSON, so that the lines beside it are still taken. */
export const notJson: unique symbol = Symbol('a line that is not JSON')

/** What a feature makes of one record once it is parsed. */
export interface Told {
  readonly id: string
  readonly occurredAt: number
  readonly attributes: Readonly<Record<string, Scalar>>
  readonly warnings: readonly string[]
  /** Values that name things: a secret in one of them rejects the record. */
  readonly identifying: readonly string[]
}

export interface ToldBy {
  readonly producer: { readonly id: string; readonly product: string } | null
  readonly tier: Tier
}

/** What a feature knows of its records. `read` throws a fault for what it does not take. */
export interface Kind {
  /** The record with what is filled in for it, and who tells it. */
  tell(record: Record<string, unknown>, actor: Actor, now: number): ToldBy
  read(record: Record<string, unknown>, by: ToldBy, now: number): Told
  /** Attributes taken from the record as it is stored, beside those that `read` gave. */
  attributes?(stored: Readonly<Record<string, unknown>>): Readonly<Record<string, Scalar>>
  /** Whether a record of this JSON text has content to replace; long strings are cut in any case. */
  hasContent(json: string): boolean
  /** Shortens or replaces content before it is stored. */
  trim(record: Record<string, unknown>, mac: (text: string) => string): Record<string, unknown>
}

/** Receipts in the order of the records. Rejects when nothing can be acknowledged. */
export type Ingest = (actor: Actor, records: readonly unknown[]) => Promise<Receipt[]>

const maxRecord = 262_144
/** No record with a shorter text has a string that is cut. */
const longestText = 8_192

/** The way in for records of one log: held against the credential, parsed, digested, redacted, appended once. */
export function createIngest(needs: {
  readonly log: Log
  readonly kind: Kind
  /** 32 bytes; see the log key. */
  readonly key: Uint8Array
  readonly redact: Redactor
  readonly now: () => number
  readonly refused: (actor: Actor, record: unknown, code: Code, path: string) => void
}): Ingest {
  const { log, kind, key, redact, now, refused } = needs
  const mac = createMac(key)

  function prepare(actor: Actor, record: unknown, at: number): { entry: Entry; warnings: readonly string[] } {
    if (record === notJson) throw fault('invalid_json')
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      throw invalid([], 'needs an object')
    const found = checkJson(record)
    if (found !== null) throw fault('invalid', undefined, { issues: [found] })
    const given = record as Record<string, unknown>
    const tenant = given.tenant_id
    if (tenant !== undefined && tenant !== actor.tenant) {
      throw fault('tenant_mismatch', undefined, {
        issues: [{ path: ['tenant_id'], message: 'is not of this credential' }],
      })
    }
    // Before anything is filled in: what is the same is what the producer told.
    const text = canonical(contentOf(given))
    const by = kind.tell(given, actor, at)
    const told = kind.read(given, by, at)
    if (text.length > maxRecord / 3 && Buffer.byteLength(text) > maxRecord)
      throw fault('body_too_large', 'A record holds 256 KiB at most')
    // Most records hold nothing to hide or to cut, which their text tells at once.
    const suspect = redact.suspects(text)
    if (suspect)
      for (const name of told.identifying) if (redact.text(name) !== name) throw fault('secret_in_id')
    // Redacted before it is cut: half a secret has no shape that anything would know it by.
    const clean = suspect ? redact.value(given) : given
    const stored = text.length > longestText || kind.hasContent(text) ? kind.trim(clean, mac) : clean
    const entry: Entry = {
      id: told.id,
      digest: mac(text),
      occurredAt: told.occurredAt,
      receivedAt: at,
      attributes:
        kind.attributes === undefined ? told.attributes : { ...kind.attributes(stored), ...told.attributes },
      payload: JSON.stringify(stored),
    }
    return { entry, warnings: told.warnings }
  }

  return async (actor, records) => {
    const at = now()
    const entries: Entry[] = []
    const places: number[] = []
    const receipts: Receipt[] = []
    for (const [index, record] of records.entries()) {
      try {
        const { entry, warnings } = prepare(actor, record, at)
        receipts.push({
          id: entry.id,
          status: 'rejected',
          ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
        })
        places.push(index)
        entries.push(entry)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        const { code } = error
        // Ids and paths are the record's own words.
        const issues = redact.value(error.issues)
        refused(actor, record, code, issues[0]?.path.join('.') ?? '')
        receipts.push({
          id: redact.value(idOf(record)),
          status: 'rejected',
          code,
          ...(issues.length === 0 ? {} : { issues: [...issues] }),
        })
      }
    }
    const verdicts = await log.append(actor.tenant, entries)
    const isoOf = createIso()
    for (const [at, verdict] of verdicts.entries()) {
      const receipt = receipts[places[at] as number] as Receipt
      receipt.status = verdict.status
      receipt.position = verdict.position
      receipt.receivedAt = isoOf(verdict.receivedAt)
      if (verdict.status === 'conflict') {
        receipt.code = 'record_conflict'
        refused(actor, records[places[at] as number], 'record_conflict', 'id')
      }
    }
    return receipts
  }
}

/** What a record says, without who it is for and when somebody saw it. */
function contentOf(record: Record<string, unknown>): Record<string, unknown> {
  if (record.tenant_id === undefined && record.observedAt === undefined) return record
  const { tenant_id: _, observedAt: __, ...content } = record
  return content
}

/** Writes instants (Unix ms) as texts; those of one batch are nearly all the same. */
function createIso(): (at: number) => string {
  let last = Number.NaN
  let text = ''
  return (at) => {
    if (at !== last) text = new Date(at).toISOString()
    last = at
    return text
  }
}

const invalid = (path: (string | number)[], message: string) =>
  fault('invalid', undefined, { issues: [{ path, message }] })

function idOf(record: unknown): string | null {
  if (typeof record !== 'object' || record === null) return null
  const { id, event_id: eventId, run_id: runId } = record as Record<string, unknown>
  const found = [id, eventId, runId].find((name) => typeof name === 'string' && name.length <= 200)
  return (found as string | undefined) ?? null
}

/** An instant of a record, held to 2000 .. 24 h ahead. More than 5 min ahead is taken with a warning. */
export function instantOf(
  value: unknown,
  path: readonly (string | number)[],
  now: number,
  warnings: string[],
): number {
  const at = typeof value === 'number' ? value : Date.parse(String(value))
  if (!Number.isFinite(at) || at < Date.UTC(2000) || at > now + 86_400_000) {
    throw invalid([...path], 'needs a time from 2000 to 24 hours from now')
  }
  if (at > now + 300_000) warnings.push('clock_ahead')
  return Math.floor(at)
}

/** The answer to a body: the one receipt of a lone object, else all of them and how many of each. */
export function appendAnswer(lone: boolean, receipts: readonly Receipt[]) {
  const [only] = receipts
  if (lone && only !== undefined) {
    if (only.status === 'accepted' || only.status === 'duplicate') return only
    const detail = only.status === 'conflict' ? { position: only.position, receivedAt: only.receivedAt } : {}
    throw fault((only.code ?? 'invalid') as Code, undefined, {
      issues: only.issues ?? [],
      members: { receipt: only, ...detail },
    })
  }
  const counts = { accepted: 0, duplicate: 0, conflict: 0, rejected: 0 }
  for (const receipt of receipts) counts[receipt.status] += 1
  return { receipts: [...receipts], counts }
}

/** The records of a body: itself if it is one, else its items; at most 1,000. */
export function recordsOf(body: unknown): { lone: boolean; records: readonly unknown[] } {
  if (!Array.isArray(body)) return { lone: true, records: [body] }
  if (body.length > 1_000) throw fault('body_too_large', 'A request holds 1,000 records at most')
  return { lone: false, records: body }
}

/** Holds a producer against the credential, which fixes the tier. */
export function producerOf(given: unknown, actor: Actor, subjectProduct: string | undefined): ToldBy {
  const bound = actor.producers
  const sole = bound?.length === 1 ? (bound[0] ?? null) : null
  const named = given as { id: string; product: string } | undefined
  const producer = named ?? sole
  if (bound === undefined) return { producer, tier: 'unbound' }
  if (producer === null || !bound.some((one) => one.id === producer.id && one.product === producer.product)) {
    throw fault('producer_not_allowed', undefined, {
      issues: [{ path: ['producer'], message: 'is not of this credential' }],
    })
  }
  return {
    producer,
    tier: subjectProduct === undefined || subjectProduct === producer.product ? 'own' : 'independent',
  }
}
