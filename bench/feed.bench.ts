import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuOf, hammer, type Peer, post, startPeer } from './load.ts'
import { openReaders, openTeller, type Readers } from './readers.ts'

// The live feed with 1,000 readers: server CPU for one frame delivered to one reader, against raw socket writes of the
// same bytes, encoded once, to as many sockets. A frame is told when all readers have the one before, so that both
// sides deliver the same frames and none is joined with the next. What it costs to store the record behind a frame is
// measured on a server without readers; the ratio is shown with it and without it. The readers, all in this process,
// sleep while a frame goes out: what the machine spends on waking them is the side's that happens to be slower.
const width = Number(process.argv[2] ?? 1_000)
const frames = 100
const rounds = 5
const asleepMs = 25
// A principal may have only so many streams open.
const tokens = Array.from(
  { length: Math.ceil(width / 25) },
  (_, n) => `bench-token-bench-token-bench-token-${n}`,
)
const token = tokens[0] ?? ''
const serve = (name: string) =>
  startPeer(name, [join(import.meta.dirname, '../packages/server/src/cli/quarterdeck.ts'), 'serve'], {
    CONSOLE_DATA_DIR: mkdtempSync(join(tmpdir(), 'bench-feed-')),
    CONSOLE_PORT: '0',
    CONSOLE_METRICS_ENABLED: 'false',
    CONSOLE_LOG_LEVEL: 'silent',
    CONSOLE_AUTH_TOKENS_JSON: JSON.stringify(
      tokens.map((one, n) => ({ token: one, tenantId: 'bench', label: `reader-${n}` })),
    ),
  })
const ours = await serve('quarterdeck /stream?topics=records')
const lonely = await serve('the same without readers')
const raw = await startPeer('raw writes of one frame', [join(import.meta.dirname, 'peers/raw-sse.ts')])

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

/** Takes and answers nothing for a while. */
const asleep = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/** Server CPU of a round, in seconds. */
async function round(peer: Peer, path: string, readers: Readers | null): Promise<number> {
  const teller = await openTeller(peer.port)
  const before = cpuOf(peer.pid)
  for (let n = 0; n < frames; n += 1) {
    const delivered = readers?.next()
    const taken = teller.tell(post(path, token, record()))
    asleep(asleepMs)
    if (!(await taken)) throw new Error(`${peer.name}: a frame was not taken`)
    await delivered
  }
  const cpu = cpuOf(peer.pid) - before
  teller.close()
  return cpu
}

const sides = {
  raw: { peer: raw, path: '/say', readers: await openReaders(raw.port, width, tokens) },
  ours: { peer: ours, path: '/records', readers: await openReaders(ours.port, width, tokens) },
  lonely: { peer: lonely, path: '/records', readers: null },
}
await settle(3_000)
const sample = sides.ours.readers.next()
await hammer(ours.port, 1, 1, () => post('/records', token, record()))
const frame = await sample
const put = post('/frame', token, frame).toString().replace(/^POST/, 'PUT')
await hammer(raw.port, 1, 1, () => Buffer.from(put))

const spent = { raw: [] as number[], ours: [] as number[], lonely: [] as number[] }
for (let n = 0; n <= rounds; n += 1)
  for (const name of ['raw', 'ours', 'lonely'] as const) {
    const { peer, path, readers } = sides[name]
    const cpu = await round(peer, path, readers)
    if (n > 0) spent[name].push(cpu)
  }
const median = (values: readonly number[]) =>
  ([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0) / frames / width
const [base, whole, storing] = [median(spent.raw), median(spent.ours), median(spent.lonely)]
const show = (name: string, cpu: number) =>
  console.log(`  ${name.padEnd(40)} ${(cpu * 1e6).toFixed(2).padStart(7)} µs   ${(base / cpu).toFixed(2)}×`)
console.log(
  `\nlive feed, ${width} readers, ${frame.length} bytes a frame (server CPU a delivered frame, medians of ${rounds} rounds in turn; higher ratio is better)`,
)
show(raw.name, base)
show('quarterdeck /stream, storing included', whole)
show('quarterdeck /stream, the feed alone', whole - storing)
for (const side of [sides.raw, sides.ours]) side.readers.close()
await raw.stop()
await lonely.stop()
await ours.stop()
