import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Open readers of one live feed. */
export interface Readers {
  /** The text of the next event, once every reader has all of it. */
  next(): Promise<string>
  close(): void
}

const endOfFrame = 10

/** Opens readers, spread over the tokens, that take server-sent events and look for whole events of one kind. */
export async function openReaders(
  port: number,
  width: number,
  tokens: readonly string[],
  { topic = 'records', event = 'delta' } = {},
): Promise<Readers> {
  let missing = 0
  let told = (_: string) => {}
  const sockets = await Promise.all(
    Array.from(
      { length: width },
      (_, n) =>
        new Promise<Socket>((resolve, reject) => {
          // An address may have only so many connections; all of 127.0.0.0/8 is this machine.
          const localAddress = `127.0.0.${2 + Math.floor(n / 200)}`
          const socket = connect({ port, host: '127.0.0.1', localAddress })
          let kept: Buffer = Buffer.alloc(0)
          socket.on('error', reject)
          socket.on('connect', () => {
            socket.write(
              `GET /stream?topics=${encodeURIComponent(topic)} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${tokens[n % tokens.length]}\r\n\r\n`,
            )
            resolve(socket)
          })
          socket.on('data', (chunk: Buffer) => {
            const all = kept.length === 0 ? chunk : Buffer.concat([kept, chunk])
            const whole = all.at(-1) === endOfFrame && all.at(-2) === endOfFrame
            kept = whole ? Buffer.alloc(0) : all
            if (!whole || all.indexOf(`event: ${event}`) < 0) return
            missing -= 1
            if (missing === 0) told(all.toString())
          })
        }),
    ),
  )
  return {
    next() {
      missing = width
      return new Promise((resolve) => {
        told = resolve
      })
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** A kept connection that tells one record at a time. */
export interface Teller {
  /** Sends a request before it returns; answers whether it was taken. */
  tell(request: Buffer): Promise<boolean>
  close(): void
}

/** Opens a connection to tell records over. */
export async function openTeller(port: number): Promise<Teller> {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  return {
    async tell(request) {
      socket.write(request)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      return answer.toString('latin1', 0, 10) === 'HTTP/1.1 2'
    },
    close: () => void socket.destroy(),
  }
}
