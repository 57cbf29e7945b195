import type { Files } from '../outbox/files.ts'
import type { Sink } from './sink.ts'

/** Appends each record as a line of JSON to a file, synced before it is acknowledged. */
export function fileSink(needs: {
  readonly path: string
  readonly fs: Pick<Files, 'open'>
  readonly name?: string
}): Sink {
  return {
    name: needs.name ?? 'file',
    async deliver(_log, records) {
      const file = await needs.fs.open(needs.path, 'a', 0o600)
      try {
        await file.appendFile(records.map((record) => `${JSON.stringify(record)}\n`).join(''))
        await file.datasync()
      } finally {
        await file.close()
      }
      return records.map((record) => ({ id: String(record.id ?? record.event_id ?? ''), status: 'accepted' }))
    },
  }
}
