import { mkdir, open } from 'node:fs/promises'
import { listSegments, segmentPath } from './segments.ts'

/** The end of a tenant's newest segment. */
export interface SegmentWriter {
  bytes(): number
  /** Writes behind what is there and syncs; resolves when it is on the disk. */
  append(text: string): Promise<void>
  close(): Promise<void>
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync()
  await handle.close()
}

/** Opens the newest segment for appending, or a new one (named by `first`) when there is none or it is full. */
export async function openWriter(folder: string, limit: number, first: number): Promise<SegmentWriter> {
  await mkdir(folder, { recursive: true })
  const newest = (await listSegments(folder)).at(-1)
  const reuse = newest !== undefined && newest.bytes < limit
  const handle = await open(reuse ? newest.path : segmentPath(folder, first), 'a')
  // The name of a new file is durable only once its folder is.
  if (!reuse) await syncFolder(folder)
  let bytes = reuse ? newest.bytes : 0
  return {
    bytes: () => bytes,
    async append(text) {
      await handle.appendFile(text)
      await handle.datasync()
      bytes += Buffer.byteLength(text)
    },
    close: () => handle.close(),
  }
}
