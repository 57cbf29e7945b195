import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

/** A server in a process of its own. */
export interface Peer {
  readonly name: string
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

/** Starts a server; it says `listening <port>` on its standard output. */
export function startPeer(
  name: string,
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<Peer> {
  const child: ChildProcess = spawn(process.execPath, [...words], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const port = /(?:listening |http:\/\/127\.0\.0\.1:)(\d+)/.exec(said)?.[1]
      if (port === undefined) return
      resolve({
        name,
        port: Number(port),
        pid: child.pid ?? 0,
        stop: () => new Promise((done) => child.once('exit', () => done()).kill('SIGTERM')),
      })
    })
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${said}`)))
  })
}

/** CPU time of a process so far, in seconds (user and system, all threads). */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Sends `total` requests over `width` kept connections, one at a time each; answers how many were not 2xx. */
export async function hammer(
  port: number,
  width: number,
  total: number,
  request: (n: number) => Buffer,
): Promise<number> {
  let next = 0
  let failed = 0
  await Promise.all(
    Array.from(
      { length: width },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1')
          socket.setNoDelay(true)
          let pending = Buffer.alloc(0)
          const send = () => {
            if (next >= total) {
              socket.end()
              resolve()
              return
            }
            socket.write(request(next))
            next += 1
          }
          socket.on('connect', send)
          socket.on('error', reject)
          socket.on('data', (chunk) => {
            pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
            const head = pending.indexOf('\r\n\r\n')
            if (head < 0) return
            const text = pending.toString('latin1', 0, head)
            const end = endOf(pending, head + 4, text)
            if (end === null) return
            if (!/^HTTP\/1\.1 2/.test(text)) failed += 1
            pending = pending.subarray(end)
            send()
          })
        }),
    ),
  )
  return failed
}

/** Where an answer ends whose body begins at a place; null while it is not all there. */
function endOf(pending: Buffer, body: number, head: string): number | null {
  const chunked = /transfer-encoding: chunked/i.test(head)
  const last = chunked ? pending.indexOf('0\r\n\r\n', body) : -1
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
  const end = chunked ? (last < 0 ? Number.POSITIVE_INFINITY : last + 5) : body + length
  return pending.length < end ? null : end
}

/** A POST as bytes. */
export function post(path: string, token: string, body: string): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

export interface Round {
  readonly perSecond: number
  /** Microseconds of the server's CPU a request. */
  readonly cpu: number
}

/** One round of load on a peer. */
export async function round(
  peer: Peer,
  width: number,
  total: number,
  request: (n: number) => Buffer,
): Promise<Round> {
  const cpu = cpuOf(peer.pid)
  const started = performance.now()
  const failed = await hammer(peer.port, width, total, request)
  if (failed > 0) throw new Error(`${peer.name}: ${failed} of ${total} failed`)
  return {
    perSecond: (total / (performance.now() - started)) * 1_000,
    cpu: ((cpuOf(peer.pid) - cpu) / total) * 1e6,
  }
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Rounds in turn; prints rates and CPU a request, and both as ratios to the first peer. */
export async function race(
  title: string,
  rounds: number,
  sides: readonly {
    peer: Peer
    width: number
    total: number
    request: (n: number) => Buffer
    each?: number
  }[],
): Promise<void> {
  const results = sides.map((): Round[] => [])
  for (const side of sides) await round(side.peer, side.width, Math.min(side.total, 500), side.request)
  for (let n = 0; n < rounds; n += 1) {
    for (const [index, side] of sides.entries())
      results[index]?.push(await round(side.peer, side.width, side.total, side.request))
  }
  console.log(`\n${title} (medians of ${rounds} rounds in turn; CPU is the server's, a request)`)
  const [first] = results.map((all) => ({
    rate: median(all.map((one) => one.perSecond)),
    cpu: median(all.map((one) => one.cpu)),
  }))
  for (const [index, side] of sides.entries()) {
    const all = results[index] ?? []
    const rate = median(all.map((one) => one.perSecond))
    const cpu = median(all.map((one) => one.cpu))
    console.log(
      `  ${side.peer.name.padEnd(44)} ${Math.round(rate).toLocaleString('en').padStart(9)}/s ${(rate / (first?.rate ?? 1)).toFixed(2).padStart(6)}×   ${cpu.toFixed(0).padStart(6)} µs ${(cpu / (first?.cpu ?? 1)).toFixed(2).padStart(6)}×`,
    )
  }
}
