import { mkdir, open, readdir, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Entry,
  type Log,
  LogDamaged,
  LogLost,
  type LogShape,
  type Seal,
  type Stored,
} from '../../ports/log.ts'
import { type AppendRequest, firstsByTenant, type Placed, placeKey, verdictsOf } from '../append-once.ts'
import { groupCommit } from '../group-commit.ts'
import type { LogIndex } from '../log-index.ts'
import { writeLine } from './line.ts'
import { listSegments, readSegment, type Segment } from './segments.ts'
import { waitingIndex } from './waiting-index.ts'
import { openWriter, type SegmentWriter } from './writer.ts'

const noHash = '0'.repeat(64)

interface Tail {
  last: number
  tip: string
  writer: SegmentWriter | null
}

/**
 * A log in files of JSON lines: the files are the truth, synced before anything is acknowledged; `index` is a copy that
 * answers questions and can be made anew. One process may have it open. Opening reads only what the index lacks, and
 * the newest segment whole; older segments are checked afterwards, and damage there makes `check` fail.
 */
export async function jsonlLog(needs: {
  readonly folder: string
  readonly shape: LogShape
  /** Opens the index; `anew` drops what it held. */
  readonly openIndex: (anew: boolean) => LogIndex
  readonly seal?: Seal
  /** Bytes after which a new segment begins. */
  readonly segmentBytes?: number
  /** Told in words when a torn tail was cut. */
  readonly report?: (what: string) => void
}): Promise<Log> {
  const { folder, shape, seal } = needs
  const tails = new Map<string, Tail>()
  let index = needs.openIndex(false)
  let waiting = waitingIndex(index)
  let damage: Error | null = null
  let closed = false

  const usable = () => {
    if (closed) throw new LogLost('the log is closed')
    if (damage !== null) throw damage
  }
  const folderOf = (tenant: string) => {
    if (!/^[a-z0-9_][a-z0-9_-]*$/.test(tenant)) throw new Error('a tenant names a folder here')
    return join(folder, tenant)
  }

  async function catchUp(tenant: string, segments: readonly Segment[]): Promise<void> {
    const newest = segments.at(-1)
    if (newest === undefined) return
    const known = await index.head(tenant)
    for (const [at, segment] of segments.entries()) {
      const next = segments[at + 1]
      if (next !== undefined && next.first <= known + 1) continue
      const { entries, whole, torn } = await readSegment(tenant, segment)
      if (torn > 0) {
        if (next !== undefined)
          throw new LogDamaged(`${segment.path} ends in a torn line, but is not the newest`)
        await truncate(segment.path, whole)
        needs.report?.(`cut ${torn} bytes of an unfinished write from ${segment.path}`)
      }
      index.restore(
        tenant,
        entries.filter((entry) => entry.position > known),
      )
      const last = entries.at(-1)
      if (next === undefined) {
        tails.set(tenant, {
          last: last?.position ?? segment.first - 1,
          tip: last?.hash ?? noHash,
          writer: null,
        })
      }
    }
  }

  async function openAll(): Promise<void> {
    await mkdir(folder, { recursive: true })
    const tenants = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
    const older: [string, Segment][] = []
    for (const { name: tenant } of tenants) {
      const segments = await listSegments(join(folder, tenant))
      await catchUp(tenant, segments)
      for (const segment of segments.slice(0, -1)) older.push([tenant, segment])
    }
    // An index that knows more than the files is of other files.
    for (const tenant of await index.tenants()) {
      if ((await index.head(tenant)) === (tails.get(tenant)?.last ?? 0)) continue
      await index.close()
      index = needs.openIndex(true)
      waiting = waitingIndex(index)
      tails.clear()
      for (const { name } of tenants) await catchUp(name, await listSegments(join(folder, name)))
      break
    }
    void checkOlder(older)
  }

  async function checkOlder(older: readonly [string, Segment][]): Promise<void> {
    for (const [tenant, segment] of older) {
      if (closed) return
      try {
        const { torn } = await readSegment(tenant, segment)
        if (torn > 0) throw new LogDamaged(`${segment.path} ends in a torn line, but is not the newest`)
      } catch (error) {
        if (error instanceof LogDamaged) damage ??= error
      }
    }
  }

  async function write(tenant: string, tail: Tail, fresh: readonly Stored[]): Promise<void> {
    const first = fresh[0]
    if (first === undefined) return
    const limit = needs.segmentBytes ?? 16 * 1_048_576
    if (tail.writer !== null && tail.writer.bytes() >= limit) {
      await tail.writer.close()
      tail.writer = null
    }
    tail.writer ??= await openWriter(folderOf(tenant), limit, first.position)
    await tail.writer.append(fresh.map(writeLine).join(''))
  }

  function placeOf(
    tenant: string,
    entries: readonly Entry[],
    tail: Tail,
    placed: Map<string, Placed>,
  ): Stored[] {
    const known = waiting.places(
      tenant,
      entries.map((entry) => entry.id),
    )
    const fresh: Stored[] = []
    let tip = tail.tip
    for (const entry of entries) {
      const place = known.get(entry.id)
      if (place !== undefined) {
        placed.set(placeKey(tenant, entry.id), { ...place, fresh: false })
        continue
      }
      const plain = { ...entry, tenant, position: tail.last + fresh.length + 1 }
      const hash = shape.chained && seal ? seal({ ...plain, prevHash: tip }) : undefined
      fresh.push(hash === undefined ? plain : { ...plain, prevHash: tip, hash })
      tip = hash ?? tip
      placed.set(placeKey(tenant, entry.id), { ...plain, fresh: true })
    }
    return fresh
  }

  const commits = groupCommit<AppendRequest, Awaited<ReturnType<Log['append']>>>({
    weigh: (request) => request.entries.length,
    maxWeight: 4_000,
    async commit(requests) {
      usable()
      const placed = new Map<string, Placed>()
      const written: [string, Tail, Stored[]][] = []
      for (const [tenant, entries] of firstsByTenant(requests)) {
        const tail = tails.get(tenant) ?? { last: 0, tip: noHash, writer: null }
        tails.set(tenant, tail)
        written.push([tenant, tail, placeOf(tenant, entries, tail, placed)])
      }
      try {
        await Promise.all(written.map(([tenant, tail, fresh]) => write(tenant, tail, fresh)))
      } catch (error) {
        // After a failed write or sync nobody knows what the disk holds; a restart reads it.
        damage = new LogLost('the disk refused a write', { cause: error })
        throw damage
      }
      for (const [tenant, tail, fresh] of written) {
        waiting.add(tenant, fresh)
        tail.last += fresh.length
        tail.tip = fresh.at(-1)?.hash ?? tail.tip
      }
      return verdictsOf(requests, placed)
    },
  })

  await openAll().catch((error: unknown) => {
    if (!(error instanceof LogDamaged)) throw error
    damage = error
  })

  /** The index with all that was acknowledged; throws while the log cannot be used. */
  const ready = (): LogIndex => {
    usable()
    return waiting.filled()
  }

  return {
    async append(tenant, entries) {
      usable()
      return entries.length === 0 ? [] : commits.submit({ tenant, entries })
    },
    head: async (tenant) => ready().head(tenant),
    floor: async (tenant) => ready().floor(tenant),
    get: async (...given) => ready().get(...given),
    read: async (...given) => ready().read(...given),
    positionAt: async (...given) => ready().positionAt(...given),
    follow: (...given) => waiting.filled().follow(...given),
    query: async (...given) => ready().query(...given),
    aggregate: async (...given) => ready().aggregate(...given),
    saveCheckpoint: async (...given) => ready().saveCheckpoint(...given),
    loadCheckpoint: async (...given) => ready().loadCheckpoint(...given),
    async prune(tenant, before, where) {
      const gone = await ready().prune(tenant, before, where)
      // Whole segments go once everything in them is gone; one class of entries is only forgotten by the index.
      const floor = await index.floor(tenant)
      const segments = tails.has(tenant) ? await listSegments(folderOf(tenant)) : []
      for (const [at, segment] of segments.entries()) {
        const next = segments[at + 1]
        if (next !== undefined && next.first <= floor) await rm(segment.path)
      }
      return gone
    },
    tenants: async () => ready().tenants(),
    async check() {
      usable()
      const handle = await open(folder, 'r')
      await handle.close()
    },
    async close() {
      if (closed) return
      await commits.idle()
      closed = true
      waiting.close()
      for (const tail of tails.values()) await tail.writer?.close()
      await index.close()
    },
  }
}
