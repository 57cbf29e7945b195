import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuOf, hammer, type Peer, post, startPeer } from './load.ts'
import { openReaders, openTeller, type Readers } from './readers.ts'

// A live query with 1,000 readers: each commit that changes its result is one run, and one frame to all of them. Server
// CPU for one commit with its frames, against raw writes of the same bytes to as many sockets, and against the same
// commit that nobody reads. If each reader had a run of its own, the first would be hundreds of times the last.
const width = Number(process.argv[2] ?? 1_000)
const frames = 100
const rounds = 5
const asleepMs = 25
const tokens = Array.from(
  { length: Math.ceil(width / 25) },
  (_, n) => `bench-token-bench-token-bench-token-${n}`,
)
const token = tokens[0] ?? ''
const serve = (name: string) =>
  startPeer(name, [join(import.meta.dirname, '../packages/server/src/cli/quarterdeck.ts'), 'serve'], {
    CONSOLE_DATA_DIR: mkdtempSync(join(tmpdir(), 'bench-live-')),
    CONSOLE_APP: join(import.meta.dirname, 'app'),
    CONSOLE_PORT: '0',
    CONSOLE_METRICS_ENABLED: 'false',
    CONSOLE_LOG_LEVEL: 'silent',
    CONSOLE_LIMITS_JSON: JSON.stringify({ default: '1000000000/minute;1000000000/hour' }),
    CONSOLE_AUTH_TOKENS_JSON: JSON.stringify(
      tokens.map((one, n) => ({ token: one, tenantId: 'bench', label: `reader-${n}` })),
    ),
  })
const ours = await serve('quarterdeck, one live query')
const lonely = await serve('the same commits without readers')
const raw = await startPeer('raw writes of one frame', [join(import.meta.dirname, 'peers/raw-sse.ts')])
for (const peer of [ours, lonely])
  await hammer(peer.port, 1, 1, () => post('/rpc/fill', token, JSON.stringify([0, 20])))

const draw = post('/rpc/draw', token, JSON.stringify(['a1', 'a11']))
const args = Buffer.from(JSON.stringify(['n1'])).toString('base64url')
const live = { topic: `functions.live/named?args=${args}`, event: 'snapshot' }
const settle = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Takes and answers nothing for a while. */
const asleep = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/** Server CPU of a round, in seconds. */
async function round(peer: Peer, request: Buffer, readers: Readers | null): Promise<number> {
  const teller = await openTeller(peer.port)
  const before = cpuOf(peer.pid)
  for (let n = 0; n < frames; n += 1) {
    const delivered = readers?.next()
    const taken = teller.tell(request)
    asleep(asleepMs)
    if (!(await taken)) throw new Error(`${peer.name}: a commit was refused`)
    await delivered
  }
  const cpu = cpuOf(peer.pid) - before
  teller.close()
  return cpu
}

const sides = {
  raw: {
    peer: raw,
    request: post('/say', token, '{}'),
    readers: await openReaders(raw.port, width, tokens, live),
  },
  ours: { peer: ours, request: draw, readers: await openReaders(ours.port, width, tokens, live) },
  lonely: { peer: lonely, request: draw, readers: null },
}
await settle(3_000)
const sample = sides.ours.readers.next()
await hammer(ours.port, 1, 1, () => draw)
const frame = await sample
await hammer(raw.port, 1, 1, () =>
  Buffer.from(post('/frame', token, frame).toString().replace(/^POST/, 'PUT')),
)

const spent = { raw: [] as number[], ours: [] as number[], lonely: [] as number[] }
for (let n = 0; n <= rounds; n += 1)
  for (const name of ['raw', 'ours', 'lonely'] as const) {
    const { peer, request, readers } = sides[name]
    const cpu = await round(peer, request, readers)
    if (n > 0) spent[name].push(cpu)
  }
const median = (values: readonly number[]) =>
  ([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0) / frames
console.log(
  `\nlive query, ${width} readers, ${frame.length} bytes a frame (server CPU a commit, medians of ${rounds})`,
)
for (const name of ['raw', 'ours', 'lonely'] as const) {
  const cpu = median(spent[name])
  console.log(
    `  ${sides[name].peer.name.padEnd(40)} ${(cpu * 1e3).toFixed(2).padStart(8)} ms   ${(cpu / median(spent.raw)).toFixed(2)}×`,
  )
}
for (const side of [sides.raw, sides.ours]) side.readers.close()
for (const peer of [raw, lonely, ours]) await peer.stop()
