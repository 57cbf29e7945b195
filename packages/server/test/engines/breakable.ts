import { connect, createServer, type Socket } from 'node:net'

/** A way to an engine that can be broken: what a test puts between a client and Postgres or Redis. */
export interface Breakable {
  /** The engine's URL, led through here. */
  readonly url: string
  /** Ends every connection and refuses new ones. */
  cut(): void
  /** Lets new connections through again. */
  mend(): void
  /** Lets the next message holding `text` through to the engine, but ends the connections before its answer. */
  cutAnswerTo(text: string): void
  close(): Promise<void>
}

/** Opens a breakable way on a free loopback port. */
export function breakable(engineUrl: string): Promise<Breakable> {
  const target = new URL(engineUrl)
  const pairs = new Set<{ near: Socket; far: Socket }>()
  let open = true
  let fatal: string | null = null

  function cut() {
    open = false
    for (const { near, far } of pairs) {
      near.destroy()
      far.destroy()
    }
    pairs.clear()
  }

  const server = createServer((near) => {
    if (!open) {
      near.destroy()
      return
    }
    const far = connect(Number(target.port), target.hostname)
    const pair = { near, far }
    pairs.add(pair)
    let doomed = false
    const end = () => {
      near.destroy()
      far.destroy()
      pairs.delete(pair)
    }
    near.on('data', (chunk) => {
      if (fatal !== null && chunk.includes(fatal)) {
        doomed = true
        fatal = null
      }
      far.write(chunk)
    })
    far.on('data', (chunk) => {
      if (doomed) cut()
      else near.write(chunk)
    })
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      socket.on('error', end)
      socket.on('close', end)
    }
  })

  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') {
        reject(new Error('the port has no number'))
        return
      }
      const url = new URL(engineUrl)
      url.hostname = '127.0.0.1'
      url.port = String(address.port)
      resolve({
        url: url.href,
        cut,
        mend() {
          open = true
        },
        cutAnswerTo(text) {
          fatal = text
        },
        async close() {
          cut()
          await new Promise((done) => server.close(done))
        },
      })
    })
  })
}
