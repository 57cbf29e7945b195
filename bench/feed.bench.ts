import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuOf, hammer, type Peer, post, startPeer } from './load.ts'

// The live feed with 1,000 readers: server CPU for a frame to one reader, against raw writes of one pre-encoded frame.
const readers = Number(process.argv[2] ?? 1_000)
const frames = 200
const token = 'bench-token-bench-token-bench-token'
const ours = await startPeer(
  'quarterdeck /stream?topics=records',
  [join(import.meta.dirname, '../packages/server/src/cli/quarterdeck.ts'), 'serve'],
  {
    CONSOLE_DATA_DIR: mkdtempSync(join(tmpdir(), 'bench-feed-')),
    CONSOLE_PORT: '0',
    CONSOLE_METRICS_ENABLED: 'false',
    CONSOLE_LOG_LEVEL: 'silent',
    CONSOLE_AUTH_TOKEN: token,
  },
)
const raw = await startPeer('raw writes of one frame', [join(import.meta.dirname, 'peers/raw-sse.ts')])

/** Opens readers that count the frames they get. */
async function open(peer: Peer): Promise<{ sockets: Socket[]; seen: () => number; reset: () => void }> {
  let seen = 0
  const sockets = await Promise.all(
    Array.from(
      { length: readers },
      () =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect(peer.port, '127.0.0.1')
          socket.on('error', reject)
          socket.on('connect', () => {
            socket.write(
              `GET /stream?topics=records HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`,
            )
            resolve(socket)
          })
          socket.on('data', (chunk: Buffer) => {
            for (let at = chunk.indexOf('event: delta'); at >= 0; at = chunk.indexOf('event: delta', at + 1))
              seen += 1
          })
        }),
    ),
  )
  return {
    sockets,
    seen: () => seen,
    reset() {
      seen = 0
    },
  }
}

const record = () =>
  JSON.stringify({
    schema: 'console.event',
    version: '0.1',
    id: randomUUID(),
    type: 'gate.passed',
    occurredAt: '2026-11-20T09:14:03Z',
    producer: { id: 'runner', product: 'flow' },
    scope: { kind: 'repo', id: 'shop' },
    subject: { product: 'flow', kind: 'gate', id: 'g' },
    payload: { summary: 'x'.repeat(200) },
  })
const settle = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const results = new Map<string, number[]>()
const stands = [
  { peer: raw, path: '/say', readers: await open(raw) },
  { peer: ours, path: '/records', readers: await open(ours) },
]
await settle(2_000)
for (let round = 0; round < 6; round += 1) {
  for (const stand of stands) {
    stand.readers.reset()
    // What appending costs without readers is not the feed's; it is measured apart and taken off below.
    const before = cpuOf(stand.peer.pid)
    for (let n = 0; n < frames; n += 1) {
      await hammer(stand.peer.port, 1, 1, () => post(stand.path, token, record()))
    }
    for (let wait = 0; wait < 100 && stand.readers.seen() < frames * readers * 0.999; wait += 1)
      await settle(50)
    const cpu = cpuOf(stand.peer.pid) - before
    if (round > 0)
      results.set(stand.peer.name, [
        ...(results.get(stand.peer.name) ?? []),
        (cpu / Math.max(1, stand.readers.seen())) * 1e6,
      ])
  }
}
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const base = median(results.get(raw.name) ?? [])
console.log(`\nlive feed, ${readers} readers (server CPU a delivered frame, medians; higher ratio is better)`)
for (const [name, cpu] of results)
  console.log(
    `  ${name.padEnd(40)} ${median(cpu).toFixed(2).padStart(7)} µs   ${(base / median(cpu)).toFixed(2)}×`,
  )
for (const stand of stands) for (const socket of stand.readers.sockets) socket.destroy()
await raw.stop()
await ours.stop()
