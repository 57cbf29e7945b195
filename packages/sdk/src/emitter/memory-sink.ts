import type { Sink } from './sink.ts'

/** Keeps what it is given, for tests and dry runs. */
export function memorySink(name = 'memory'): Sink & { readonly taken: Readonly<Record<string, unknown>>[] } {
  const taken: Readonly<Record<string, unknown>>[] = []
  return {
    name,
    taken,
    async deliver(_log, records) {
      taken.push(...records)
      return records.map((record) => ({ id: String(record.id ?? record.event_id ?? ''), status: 'accepted' }))
    },
  }
}
